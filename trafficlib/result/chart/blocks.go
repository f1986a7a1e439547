package chart

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Block is some columns that stand together: a day of a timeline, a window of several. Values has a row for each name
// of its chart, and as many columns in each.
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

// checkBlocks refuses what has not the rows, or a value that has no place.
func checkBlocks(title string, rows int, blocks []Block) error {
	if len(blocks) == 0 || rows == 0 {
		return fmt.Errorf("%s: %d blocks of %d rows", place(title, ""), len(blocks), rows)
	}
	for _, b := range blocks {
		if len(b.Values) != rows {
			return fmt.Errorf("%s: %d rows, %d names", place(title, b.Name), len(b.Values), rows)
		}
		for i, row := range b.Values {
			if len(row) != b.cols() {
				return fmt.Errorf("%s: row %d has %d columns, the first %d", place(title, b.Name), i+1, len(row), b.cols())
			}
			if err := finite(title, b.Name, "row", row); err != nil {
				return err
			}
		}
	}
	return nil
}

// offsets gives where each block begins on an axis of columns, and where the last ends: there is a gap between blocks.
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

// blockTicks names the blocks at their middles, of very many only some.
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
