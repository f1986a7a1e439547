package client

import (
	"context"
	"os"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
)

// SetUp sets up the checkout around the working directory in the user's folder. It returns a
// sandbox and the checkout.
func SetUp(ctx context.Context) (*Sandbox, string, error) {
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
	sandbox, err := New(ctx, h, checkout)
	return sandbox, checkout, err
}
