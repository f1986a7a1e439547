// Package browser tests the workbench as a person meets it: JupyterLab in Debian's chromium. TRAFFICLAB_ARTIFACTS names a
// folder that keeps the pictures.
package browser
