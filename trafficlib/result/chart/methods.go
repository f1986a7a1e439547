package chart

// The kinds of charts are plain data and share their methods through the functions of chart.go.

var _ = []Chart{Lines{}, Bars{}, Hist{}, Heat{}, Stack{}, Panels{}}

func (c Lines) MIME() (map[string]any, error)     { return mime(c) }
func (c Lines) SVG() ([]byte, error)              { return svg(c) }
func (c Lines) PNG(dpi int) ([]byte, error)       { return png(c, dpi) }
func (c Lines) VegaLite() (map[string]any, error) { return vegaLite(c) }
func (c Lines) Save(path string) error            { return save(c, path) }
func (c Lines) String() string                    { return text(c) }

func (c Bars) MIME() (map[string]any, error)     { return mime(c) }
func (c Bars) SVG() ([]byte, error)              { return svg(c) }
func (c Bars) PNG(dpi int) ([]byte, error)       { return png(c, dpi) }
func (c Bars) VegaLite() (map[string]any, error) { return vegaLite(c) }
func (c Bars) Save(path string) error            { return save(c, path) }
func (c Bars) String() string                    { return text(c) }

func (c Hist) MIME() (map[string]any, error)     { return mime(c) }
func (c Hist) SVG() ([]byte, error)              { return svg(c) }
func (c Hist) PNG(dpi int) ([]byte, error)       { return png(c, dpi) }
func (c Hist) VegaLite() (map[string]any, error) { return vegaLite(c) }
func (c Hist) Save(path string) error            { return save(c, path) }
func (c Hist) String() string                    { return text(c) }

func (c Heat) MIME() (map[string]any, error)     { return mime(c) }
func (c Heat) SVG() ([]byte, error)              { return svg(c) }
func (c Heat) PNG(dpi int) ([]byte, error)       { return png(c, dpi) }
func (c Heat) VegaLite() (map[string]any, error) { return vegaLite(c) }
func (c Heat) Save(path string) error            { return save(c, path) }
func (c Heat) String() string                    { return text(c) }

func (c Stack) MIME() (map[string]any, error)     { return mime(c) }
func (c Stack) SVG() ([]byte, error)              { return svg(c) }
func (c Stack) PNG(dpi int) ([]byte, error)       { return png(c, dpi) }
func (c Stack) VegaLite() (map[string]any, error) { return vegaLite(c) }
func (c Stack) Save(path string) error            { return save(c, path) }
func (c Stack) String() string                    { return text(c) }

func (c Panels) MIME() (map[string]any, error)     { return mime(c) }
func (c Panels) SVG() ([]byte, error)              { return svg(c) }
func (c Panels) PNG(dpi int) ([]byte, error)       { return png(c, dpi) }
func (c Panels) VegaLite() (map[string]any, error) { return vegaLite(c) }
func (c Panels) Save(path string) error            { return save(c, path) }
func (c Panels) String() string                    { return text(c) }
