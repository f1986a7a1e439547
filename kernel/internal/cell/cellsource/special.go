package cellsource

import "strings"

// commentPrefix may precede a special line, so that the file is Go for other tools.
const commentPrefix = "//gonb:"

func trimPrefix(line string) string { return strings.TrimPrefix(line, commentPrefix) }

// isSpecial reports whether a line is a command for the kernel, for GoNB or for the shell.
func isSpecial(line string) bool {
	return len(line) > 1 && (line[0] == '%' || line[0] == '!')
}

// firstWord returns the name of a special line, such as %env.
func firstWord(line string) string {
	name, _, _ := strings.Cut(strings.ReplaceAll(line, "\t", " "), " ")
	return name
}

// ForKernel reports whether a special line is one that the kernel handles itself in every cell: a
// command for the shell, and what sets where and how commands and programs run.
func ForKernel(line string) bool {
	switch firstWord(line) {
	case "%cd", "%env", "%clear", "%with_inputs", "%with_password":
		return true
	}
	return strings.HasPrefix(line, "!")
}

// startsProgram reports whether a special line names the program to run.
func startsProgram(line string) bool {
	switch firstWord(line) {
	case "%%", "%main", "%exec", "%test", "%wasm":
		return true
	}
	return false
}

// isScript reports whether the first line makes the cell the input of another program.
func isScript(line string) bool {
	switch firstWord(line) {
	case "%%writefile", "%%script", "%%bash", "%%sh", "%%gx":
		return true
	}
	return false
}

// scriptCommand returns the command that reads the rest of the cell, by the cell's first line; nil
// if it is not a script that the kernel runs.
func scriptCommand(line string) []string {
	words := splitWords(line)
	switch {
	case len(words) > 1 && words[0] == "%%script":
		return words[1:]
	case len(words) == 1 && (words[0] == "%%bash" || words[0] == "%%sh"):
		return []string{words[0][2:]}
	}
	return nil
}

// splitWords splits a line at white space. As in GoNB, quotation marks hold words together.
func splitWords(line string) (words []string) {
	var word strings.Builder
	begun, quoted := false, false
	for _, r := range line {
		switch {
		case r == '"':
			begun, quoted = true, !quoted
		case !quoted && (r == ' ' || r == '\t'):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}

// blank empties a special line and the lines that continue it, and returns the last of them.
func blank(lines []string, i int) int {
	for {
		more := strings.HasSuffix(lines[i], `\`) && i+1 < len(lines)
		lines[i] = ""
		if !more {
			return i
		}
		i++
	}
}
