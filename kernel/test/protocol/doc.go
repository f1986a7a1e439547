// Package protocol holds the kernel against Jupyter's messaging protocol, with the checks that others have made for all
// kernels: jupyter_kernel_test, and kernel-testbed restated. GoNB alone goes through them in the same run, and its
// score is printed beside ours.
package protocol
