// Package browser tests the workbench as a person uses it: JupyterLab in Debian's chromium. The
// screenshots go to the folder that TRAFFICLAB_ARTIFACTS names.
package browser
