package chart

// A Picture is a chart that JupyterLab shows as a picture, as a web page, a paper or GitHub would.
type Picture struct{ Chart }

// MIME returns the chart as image/svg+xml, image/png and text/plain. JupyterLab shows the PNG if it
// does not trust the notebook.
func (p Picture) MIME() (map[string]any, error) {
	picture, err := p.SVG()
	if err != nil {
		return nil, err
	}
	dots, err := p.PNG(96)
	if err != nil {
		return nil, err
	}
	return map[string]any{"image/svg+xml": string(picture), "image/png": dots, "text/plain": p.summary()}, nil
}
