package live

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// A Var is a name of the session.
type Var struct {
	Name, Type string
	Cell       int
	Value      any // a pointer to a variable, or nil if the name is no variable
}

// A Row describes a name.
type Row struct {
	Name, Type string
	Length     string // the elements of a slice, array, map or channel, or the bytes of a string
	Value      string // the beginning of the value
	Cell       int
}

// Who describes names.
func Who(vars []Var) []Row {
	rows := make([]Row, len(vars))
	for i, v := range vars {
		rows[i] = Row{Name: v.Name, Type: v.Type, Cell: v.Cell}
		if v.Value == nil {
			continue
		}
		value := reflect.ValueOf(v.Value).Elem()
		rows[i].Length = length(value)
		w := &shortener{left: mostShort}
		w.value(value, 0)
		rows[i].Value = w.text.String()
	}
	return rows
}

// Zero sets a variable to its zero value.
func Zero[T any](p *T) {
	var zero T
	*p = zero
}

func length(v reflect.Value) string {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Chan, reflect.String:
		return fmt.Sprint(v.Len())
	}
	return ""
}

// The bounds of a short value: its runes, the elements of a slice that are shown, and the depth to
// which it is followed.
const (
	mostShort    = 60
	mostElements = 8
	mostDepth    = 3
)

// A shortener writes the beginning of a value. It does not walk through maps, since a goroutine of
// another cell may be writing to one, which would end the process.
type shortener struct {
	text strings.Builder
	left int
}

func (w *shortener) write(s string) {
	if w.left <= 0 {
		return
	}
	if n := utf8.RuneCountInString(s); n > w.left {
		s = string([]rune(s)[:w.left]) + "…"
		w.left = 0
	} else {
		w.left -= n
	}
	w.text.WriteString(s)
}

func (w *shortener) value(v reflect.Value, depth int) {
	if w.left <= 0 {
		return
	}
	if s, ok := own(v); ok {
		w.write(s)
		return
	}
	switch v.Kind() {
	case reflect.Invalid:
		w.write("nil")
	case reflect.String:
		s := v.String()
		if len(s) > 4*mostShort {
			s = s[:4*mostShort]
		}
		w.write(fmt.Sprintf("%q", s))
	case reflect.Interface, reflect.Pointer:
		switch {
		case v.IsNil():
			w.write("nil")
		case v.Kind() == reflect.Interface:
			w.value(v.Elem(), depth)
		case depth >= mostDepth || v.Elem().Kind() != reflect.Struct:
			w.write("&" + v.Elem().Type().String())
		default:
			w.write("&")
			w.value(v.Elem(), depth+1)
		}
	case reflect.Slice, reflect.Array:
		w.list(v, depth)
	case reflect.Struct:
		w.fields(v, depth)
	case reflect.Map:
		w.write(fmt.Sprintf("%d entries", v.Len()))
	case reflect.Chan:
		w.write(fmt.Sprintf("%d of %d waiting", v.Len(), v.Cap()))
	case reflect.Func, reflect.UnsafePointer:
		if v.IsNil() {
			w.write("nil")
		} else {
			w.write(v.Kind().String())
		}
	default:
		w.write(fmt.Sprint(v))
	}
}

func (w *shortener) list(v reflect.Value, depth int) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		w.write("nil")
		return
	}
	w.write("[")
	for i := range v.Len() {
		if i > 0 {
			w.write(" ")
		}
		if i == mostElements || depth >= mostDepth {
			w.write("…")
			break
		}
		w.value(v.Index(i), depth+1)
	}
	w.write("]")
}

func (w *shortener) fields(v reflect.Value, depth int) {
	w.write("{")
	for i := range v.NumField() {
		if i > 0 {
			w.write(" ")
		}
		if depth >= mostDepth {
			w.write("…")
			break
		}
		w.write(v.Type().Field(i).Name + ":")
		w.value(v.Field(i), depth+1)
	}
	w.write("}")
}

// own returns the text of a value's own Error or String method, if it has one.
func own(v reflect.Value) (text string, ok bool) {
	if !v.IsValid() || !v.CanInterface() || (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) &&
		v.IsNil() {
		return "", false
	}
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	switch x := v.Interface().(type) {
	case error:
		return x.Error(), true
	case fmt.Stringer:
		return x.String(), true
	}
	return "", false
}
