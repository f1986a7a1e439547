package client

import (
	"context"
	"os"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
)

// Here sets up the checkout that the command was called in, in the user's folder, and returns a stand and the checkout.
func Here(ctx context.Context) (*Stand, string, error) {
	h, err := paths.UserHome()
	if err != nil {
		return nil, "", err
	}
	checkout, err := paths.Checkout(".")
	if err != nil {
		return nil, "", err
	}
	s := setup.Setup{Home: h, Checkout: checkout, Out: os.Stderr}
	if err := s.Run(ctx); err != nil {
		return nil, "", err
	}
	stand, err := New(ctx, h, checkout)
	return stand, checkout, err
}
