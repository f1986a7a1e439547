// Package test builds the image and looks at what was built, without a Docker engine: buildah builds it into a store of
// its own, on a Debian made by debootstrap and with this machine's Go, and package box runs it, always without a
// network. It needs Linux, root, buildah and debootstrap, and room for the store's full copies of each layer.
//
// The image is built once for the same content of all that goes into it, and kept in the folder image of TRAFFICLAB_HOME.
package test
