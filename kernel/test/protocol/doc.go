// Package protocol tests the kernel against Jupyter's messaging protocol, with test suites made for
// all kernels: jupyter_kernel_test, and kernel-testbed restated. GoNB alone runs the same suites,
// and its score is printed for comparison.
package protocol
