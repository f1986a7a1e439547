package encode

// Each returns a column for each name:
//
//	encode.Each(names, func(name string) encode.Column { return encode.ZScore(name).Log() })
func Each(names []string, column func(name string) Column) []Column {
	columns := make([]Column, len(names))
	for i, name := range names {
		columns[i] = column(name)
	}
	return columns
}
