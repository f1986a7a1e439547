// Package notebooks runs the notebooks of the checkout as a user runs them, on bundled, real and damaged data.
package notebooks
