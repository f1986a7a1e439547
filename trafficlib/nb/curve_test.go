package nb

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

func TestCurvePicture(t *testing.T) {
	if got := curvePicture([]progress.Curve{{Name: "train", X: []float64{1}, Y: []float64{2}}}); got != "" {
		t.Errorf("of one point there is the picture %q", got)
	}
	long := progress.Curve{Name: "valid <&>"}
	for i := range 1000 {
		long.X, long.Y = append(long.X, float64(i)), append(long.Y, 1/float64(i+1))
	}
	long.Y[500] = math.Inf(1)
	for what, curves := range map[string][]progress.Curve{
		"two":      {{Name: "train", X: []float64{1, 2}, Y: []float64{1, 0.1}}, long},
		"negative": {{Name: "train", X: []float64{1, 2}, Y: []float64{-1, 1}}},
		"flat":     {{Name: "train", X: []float64{1, 2}, Y: []float64{1, 1}}},
	} {
		picture := curvePicture(curves)
		_, data, ok := strings.Cut(picture, "base64,")
		if !ok {
			t.Fatalf("%s: %q", what, picture)
		}
		svg, err := base64.StdEncoding.DecodeString(data[:strings.IndexByte(data, '"')])
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(svg) > 8000 || strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
			t.Errorf("%s: %d bytes: %.200s", what, len(svg), svg)
		}
		for d := xml.NewDecoder(strings.NewReader(string(svg))); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
}
