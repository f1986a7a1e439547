package session

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/rewrite"
)

// build compiles and links the package of a cell.
func (s *Session) build(ctx context.Context, life *life, p *rewrite.Package, number int, ran *Outcome) (linked, error) {
	l := linked{number: number, object: s.path(number, ".a"), image: s.path(number, ".elf"),
		table: s.path(number, ".tab")}
	more, err := life.extras.packages(ctx, p.Imports)
	if err != nil {
		return l, err
	}
	began := time.Now()
	err = s.compile(ctx, life, p, l, more)
	ran.Compile = time.Since(began)
	if err != nil {
		return l, err
	}
	began = time.Now()
	err = s.link(ctx, life, p, l, more)
	ran.Link = time.Since(began)
	if err != nil {
		return l, err
	}
	l.end, err = host.End(l.table)
	return l, err
}

// compile makes an object file of a package. It may import the packages of the host, the packages
// in more, and those of earlier cells.
func (s *Session) compile(ctx context.Context, life *life, p *rewrite.Package, l linked, more []archive) error {
	cells, image := life.cells, life.image
	var config strings.Builder
	config.Write(image.Importcfg)
	for _, m := range more {
		fmt.Fprintf(&config, "packagefile %s=%s\n", m.path, m.file)
	}
	for _, c := range cells {
		fmt.Fprintf(&config, "packagefile main/%d=%s\n", c.number, c.object)
	}
	source, importcfg := s.path(l.number, ".go"), s.path(l.number, ".cfg")
	defer os.Remove(source)
	defer os.Remove(importcfg)
	if err := write(source, string(p.Source)); err != nil {
		return err
	}
	if err := write(importcfg, config.String()); err != nil {
		return err
	}
	args := append([]string{"-trimpath", s.c.Dir + "=>"}, host.CompileArgs(p.Path, importcfg, l.object, source)...)
	output, ok, err := s.c.Run(ctx, image.Tools.Compile, args, s.c.Dir, s.c.Env)
	if err == nil && !ok {
		err = refusal(output, p)
	}
	return err
}

// link makes a module of a cell's object alone, together with the packages that the host lacks.
func (s *Session) link(ctx context.Context, life *life, p *rewrite.Package, l linked, more []archive) error {
	cells, image := life.cells, life.image
	var config, resident strings.Builder
	fmt.Fprintf(&config, "packagefile %s=%s\n", p.Path, l.object)
	for _, m := range more {
		fmt.Fprintf(&config, "packagefile %s=%s\n", m.path, m.file)
	}
	address := uint64(host.FirstAddress)
	fmt.Fprintf(&resident, "%s=%s\n", image.Table, image.Program)
	for _, c := range cells {
		fmt.Fprintf(&resident, "%s=%s\n", c.table, c.image)
		address = c.end
	}
	importcfg, list := s.path(l.number, ".cfg"), s.path(l.number, ".res")
	defer os.Remove(importcfg)
	defer os.Remove(list)
	if err := write(importcfg, config.String()); err != nil {
		return err
	}
	if err := write(list, resident.String()); err != nil {
		return err
	}
	args := host.Link{Package: p.Path, Entry: p.Entry, Object: l.object, Importcfg: importcfg, Resident: list,
		Address: address,
		Image:   l.image, Table: l.table}.Args()
	output, ok, err := s.c.Run(ctx, image.Tools.Link, args, s.c.Dir, s.c.Env)
	if err == nil && !ok {
		err = refusal(output, p)
	}
	return err
}

func write(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}

// refusal turns what the compiler or the linker printed about a cell into an error. Output that
// names no line of the cell is a fault of the session itself.
func refusal(output []byte, p *rewrite.Package) error {
	if e := p.Refusal(output); e != nil {
		return e
	}
	return fmt.Errorf("session: %s", strings.TrimSpace(string(output)))
}
