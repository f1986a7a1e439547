package report

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// The elements that GitLab, GitHub, Jenkins and others read, after Ant's JUnit task.
type testsuites struct {
	XMLName xml.Name  `xml:"testsuites"`
	Suite   testsuite `xml:"testsuite"`
}

type testsuite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Skipped  int        `xml:"skipped,attr"`
	Time     string     `xml:"time,attr"`
	Cases    []testcase `xml:"testcase"`
}

type testcase struct {
	Class   string    `xml:"classname,attr"`
	Name    string    `xml:"name,attr"`
	Time    string    `xml:"time,attr"`
	Failure *failure  `xml:"failure"`
	Skipped *struct{} `xml:"skipped"`
}

type failure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit returns the run of a notebook as JUnit XML: a suite with a case for each code cell, named
// by its number and the heading above it. All numbers have as many digits as the last, so that they
// sort. Characters that XML does not allow, such as terminal escapes, become U+FFFD.
func (n Notebook) JUnit() ([]byte, error) {
	suite := testsuite{Name: n.Name, Time: seconds(n.Took.Seconds())}
	digits := len(fmt.Sprint(len(n.Cells)))
	for _, c := range n.Cells {
		one := testcase{Class: n.Name, Name: strings.TrimSpace(fmt.Sprintf("%0*d %s", digits, c.Number, c.Heading)),
			Time: seconds(c.Seconds)}
		switch c.State {
		case NotRun:
			one.Skipped = new(struct{})
			suite.Skipped++
		case Failed:
			one.Failure = &failure{c.Headline(), c.Failure}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, one)
	}
	if n.Status != Passed && suite.Failures == 0 {
		text := "the notebook did not pass, but no cell failed: " + n.Status
		suite.Cases = append(suite.Cases, testcase{Class: n.Name, Name: "run", Time: seconds(0),
			Failure: &failure{text, text}})
		suite.Failures++
	}
	suite.Tests = len(suite.Cases)
	data, err := xml.MarshalIndent(testsuites{Suite: suite}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	return append([]byte(xml.Header), append(data, '\n')...), nil
}

func seconds(s float64) string { return fmt.Sprintf("%.3f", s) }
