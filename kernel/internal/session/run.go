package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/process"
	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// A Cell is Go code to run.
type Cell struct {
	Count int    // the number that the user knows, which errors and traces name
	Code  string // bare Go: declarations and statements
	Quiet bool   // do not remember the cell as one that declared names
}

// An Outcome is what became of a cell that compiled.
type Outcome struct {
	process.Outcome
	Compile, Link, Took time.Duration  // Took is the time it ran
	Notices             []string       // what else its declarations changed
	Lost                []rewrite.Name // the values that were lost if the host ended
}

// Run runs a cell. When ctx is done the cell is interrupted and ends as [process.Host.Run]
// describes.
func (s *Session) Run(ctx context.Context, cell Cell, out process.Output) (Outcome, error) {
	s.running.Lock()
	defer s.running.Unlock()
	var ran Outcome
	ran.Notices = s.refresh(ctx)
	life, err := s.present(ctx)
	if err != nil {
		return ran, err
	}
	life.next++
	number := life.next
	p, err := life.names.Rewrite(number, fmt.Sprintf("Cell[%d]", cell.Count), cell.Code)
	if errors.Is(err, rewrite.ErrStandalone) {
		return ran, ErrStandalone
	}
	if err != nil {
		return ran, err
	}
	ran.Notices = append(ran.Notices, p.Notices...)
	l, err := s.build(ctx, life, p, number, &ran)
	stays := false // later cells need the files of this one
	defer func() {
		if !stays {
			l.remove()
		}
	}()
	if err != nil {
		return ran, err
	}
	began := time.Now()
	ran.Outcome, err = life.host.Run(ctx,
		process.Module{Cell: number, Table: l.table, Image: l.image, Entry: p.Entry}, out)
	if err != nil {
		return ran, err
	}
	ran.Took = time.Since(began)
	if ran.How == process.Died {
		ran.Lost = s.died()
		return ran, nil
	}
	if ran.How == process.LoadFailed {
		return ran, fmt.Errorf("session: %s", ran.Text)
	}
	p.CommitReached(ran.Reached)
	life.cells = append(life.cells, l)
	stays = true
	s.mu.Lock()
	if !cell.Quiet && len(p.Names) > 0 {
		s.origins = append(s.origins, Origin{cell.Count, cell.Code, p.Names})
	}
	s.mu.Unlock()
	os.Remove(s.path(number, ".go"))
	return ran, nil
}

// refresh starts a host with another image if the packages that the image is made of have changed.
// It returns notices for the user.
func (s *Session) refresh(ctx context.Context) []string {
	if s.c.Watch == nil || !s.c.Watch.Changed() {
		return nil
	}
	image, err := s.c.Watch.Make(ctx)
	if err != nil {
		return []string{fmt.Sprintf("packages have changed and do not compile (%v); "+
			"the session continues with the previous ones", err)}
	}
	if l := s.now(); l != nil && image.Index.Key == l.image.Index.Key {
		return nil
	}
	lost := 0
	for _, n := range s.Names() {
		if n.Kind == "var" {
			lost++
		}
	}
	s.mu.Lock()
	s.c.Image = image
	s.mu.Unlock()
	s.renew()
	if lost == 0 {
		return nil
	}
	return []string{fmt.Sprintf("packages of the checkout have changed: the session restarts with them "+
		"and has lost %d values (%%rerun runs the cells that made them again)", lost)}
}

// died starts another host in place of one that has ended, and returns the names of the lost
// values.
func (s *Session) died() []rewrite.Name {
	lost := s.Names()
	s.renew()
	return lost
}
