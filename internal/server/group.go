package server

import (
	"context"
	"errors"
	"fmt"
)

// part is something that goes on beside others.
type part struct {
	name string
	run  func() error // returns nil when stopped, or when there is nothing left to do
	stop func() error // makes run return; called once, perhaps after run has returned
}

// runAll starts all parts and waits. When ctx ends or a part fails, it stops them in their order, each one's run having
// returned before the next is stopped. It gives all failures.
func runAll(ctx context.Context, parts []part) error {
	failed := make(chan error, len(parts))
	done := make([]chan struct{}, len(parts))
	for i, p := range parts {
		done[i] = make(chan struct{})
		go func() {
			defer close(done[i])
			if err := p.run(); err != nil {
				failed <- fmt.Errorf("%s: %w", p.name, err)
			}
		}()
	}
	var errs []error
	select {
	case <-ctx.Done():
	case err := <-failed:
		errs = append(errs, err)
	}
	for i, p := range parts {
		if err := p.stop(); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
		}
		<-done[i]
	}
	close(failed)
	for err := range failed {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
