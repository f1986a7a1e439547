// Package test builds the image without a Docker engine and tests the result. buildah builds it in
// a store of its own, on a Debian made by debootstrap and with this machine's Go. Package box runs
// it, always without a network. The tests need Linux, root, buildah, debootstrap, and space for the
// store, which keeps a full copy of each layer.
//
// The image is built once for the same content and kept in the folder image of TRAFFICLAB_HOME.
package test
