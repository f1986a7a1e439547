package chart

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// A Block is a group of columns, such as a day of a timeline or one of several windows. Values has
// a row for each name of the chart, all of the same length.
type Block struct {
	Name   string
	Values [][]float64 // [row][column]
}

func (b Block) cols() int {
	if len(b.Values) == 0 {
		return 0
	}
	return len(b.Values[0])
}

// checkBlocks returns an error unless the blocks have the given number of rows and drawable values.
func checkBlocks(title string, rows int, blocks []Block) error {
	if len(blocks) == 0 || rows == 0 {
		return fmt.Errorf("%s: %d blocks of %d rows", where(title, ""), len(blocks), rows)
	}
	for _, b := range blocks {
		if len(b.Values) != rows {
			return fmt.Errorf("%s: %d rows, %d names", where(title, b.Name), len(b.Values), rows)
		}
		for i, row := range b.Values {
			if len(row) != b.cols() {
				return fmt.Errorf("%s: row %d has %d columns, the first %d", where(title, b.Name), i+1, len(row),
					b.cols())
			}
			if err := finite(title, b.Name, "row", row); err != nil {
				return err
			}
		}
	}
	return nil
}

// offsets returns where each block begins on an axis of columns, and where the last one ends. There
// are gaps between blocks.
func offsets(blocks []Block) (at []float64, end float64) {
	all := 0
	for _, b := range blocks {
		all += b.cols()
	}
	gap := max(0.3, float64(all)/100)
	for _, b := range blocks {
		at = append(at, end)
		end += float64(b.cols()) + gap
	}
	return at, end - gap
}

// blockTicks labels the blocks at their centers, as far as the labels do not overlap.
func blockTicks(s style, blocks []Block, width vg.Length) plot.ConstantTicks {
	at, end := offsets(blocks)
	t := textStyle(s.tick, false)
	var ticks plot.ConstantTicks
	free := vg.Length(math.Inf(-1))
	for i, b := range blocks {
		middle := at[i] + float64(b.cols())/2
		where, half := vg.Length(middle/end)*width, t.Width(b.Name)/2
		if b.Name == "" || where-half < free {
			continue
		}
		ticks = append(ticks, plot.Tick{Value: middle, Label: b.Name})
		free = where + half + s.tick/2
	}
	return ticks
}

func spanBlocks(blocks []Block) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, b := range blocks {
		l, h := span(b.Values...)
		lo, hi = min(lo, l), max(hi, h)
	}
	return lo, hi
}
