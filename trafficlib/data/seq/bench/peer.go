package main

import _ "embed"

//go:embed peer.py
var program []byte

//go:embed requirements.txt
var requirements []byte
