package zmtp

import (
	"fmt"
	"net"
)

// A Client is a connection to a listening socket.
type Client struct{ c *conn }

// Dial connects as a socket of a kind: DEALER, to a router, or SUB, to a publisher as a subscriber
// to all topics.
func Dial(network, address, kind, identity string) (*Client, error) {
	raw, err := net.Dial(network, address)
	if err != nil {
		return nil, fmt.Errorf("zmtp: %w", err)
	}
	peers := []string{"ROUTER"}
	if kind == "SUB" {
		peers = []string{"PUB", "XPUB"}
	}
	c, err := handshake(raw, kind, identity, peers...)
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("zmtp: %s: %w", address, err)
	}
	c.out = newQueue()
	go c.write()
	if kind == "SUB" {
		c.out.add(message([][]byte{{1}}), 0)
	}
	return &Client{c}, nil
}

// Send queues a message and reports whether there was room for it.
func (c *Client) Send(frames [][]byte) bool { return c.c.out.add(message(frames), patience) }

// Receive waits for the next message.
func (c *Client) Receive() ([][]byte, error) { return c.c.read(nil) }

// Close ends the connection.
func (c *Client) Close() {
	c.c.out.close()
	c.c.Conn.Close()
}
