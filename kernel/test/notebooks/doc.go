// Package notebooks runs the notebooks of the checkout as a user runs them, on bundled, real and damaged data.
// TRAFFICLAB_ARTIFACTS names a folder that keeps what the runs left.
package notebooks
