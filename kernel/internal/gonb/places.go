package gonb

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
)

// place translates a line of a cell as GoNB counts cells and lines into the user's.
func (g *GoNB) place(cell, line int) (goerror.Place, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e, ok := g.cells[cell]
	if !ok || e.source == nil {
		return goerror.Place{}, false
	}
	return goerror.Place{Cell: e.count, Line: e.source.Line(line), Code: e.code, Shift: e.source.Shift(line)}, true
}

var (
	fileLine  = regexp.MustCompile(`main(?:_test)?\.go:(\d+)`)
	annotated = regexp.MustCompile(
		`\[\[ Cell (?:\[(\d+)\] )?Line (\d+) \]\][^/]* (\S*main(?:_test)?\.go):(\d+)`)
)

// maxLines bounds how many lines of a text are looked up.
const maxLines = 200

// echoTime is how long GoNB may take to annotate lines.
const echoTime = time.Second

// places returns the places in cells of the lines of GoNB's file that a text names. GoNB annotates
// such lines in what a program prints to standard error, so they are written to stderr, the shim's,
// in the name of the program.
func (r *run) places(text string, stderr *os.File) map[int]goerror.Place {
	found := map[int]goerror.Place{}
	var numbers []int
	for _, m := range fileLine.FindAllStringSubmatch(text, maxLines) {
		if n, err := strconv.Atoi(m[1]); err == nil && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 {
		return found
	}
	var question strings.Builder
	for _, n := range numbers {
		question.WriteString(r.file + ":" + strconv.Itoa(n) + "\n")
	}
	r.mu.Lock()
	r.echo.Reset()
	r.mu.Unlock()
	if _, err := stderr.WriteString(question.String()); err != nil {
		return found
	}
	last := r.file + ":" + strconv.Itoa(numbers[len(numbers)-1]) + "\n"
	for until := time.After(echoTime); ; {
		r.mu.Lock()
		answer := r.echo.String()
		r.mu.Unlock()
		if strings.Contains(answer, last) {
			for _, m := range annotated.FindAllStringSubmatch(answer, -1) {
				cell, _ := strconv.Atoi(m[1])
				line, _ := strconv.Atoi(m[2])
				n, _ := strconv.Atoi(m[4])
				if p, ok := r.g.place(cell, line); ok {
					found[n] = p
				}
			}
			return found
		}
		select {
		case <-r.echoed:
		case <-until:
			return found
		case <-r.done:
			return found
		}
	}
}
