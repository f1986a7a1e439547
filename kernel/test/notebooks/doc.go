// Package notebooks runs the notebooks of the checkout as a user does, on bundled, real and damaged
// data. The folder that TRAFFICLAB_ARTIFACTS names keeps the results.
package notebooks
