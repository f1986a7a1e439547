package chart

// Picture is a chart as a picture alone: what it shows in JupyterLab is what a page, a paper or GitHub shows.
type Picture struct{ Chart }

// MIME gives image/svg+xml, image/png and text/plain. JupyterLab shows the PNG of a notebook that it does not trust.
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
