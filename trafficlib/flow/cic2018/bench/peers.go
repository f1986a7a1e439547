package main

import _ "embed"

//go:embed peers.py
var program []byte

//go:embed requirements.txt
var requirements []byte
