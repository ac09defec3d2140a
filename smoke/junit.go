package smoke

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteJUnit writes the report as JUnit XML, which CI services read: a test
// case for each step, its class the owner of the step. Warnings and
// information stand in system-out. It writes once, and returns the error of w.
func (r Report) WriteJUnit(w io.Writer) error {
	suite := junitSuite{
		Name: "smoke " + strings.TrimSpace(r.Target+" "+r.Release), Tests: len(r.Steps), Failures: r.count(Failed), Skipped: r.count(Skipped),
		Time: seconds(r.Duration), Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"),
		Output: strings.Join(r.lines(), "\n"),
	}
	for _, s := range r.Steps {
		one := junitCase{Name: s.title(), Class: "smoke", Time: seconds(s.Duration)}
		if s.Owner != "" {
			one.Class = "smoke." + s.Owner
		}
		switch s.Outcome {
		case Failed:
			one.Failure = &junitText{Message: s.Verdict, Text: s.Detail}
		case Skipped:
			one.Skipped = &junitText{Message: s.Verdict}
		case OK:
			one.Output = s.Verdict
		}
		suite.Cases = append(suite.Cases, one)
	}
	text, err := xml.MarshalIndent(junitSuites{Suites: []junitSuite{suite}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}

// lines is what a report says beyond its steps.
func (r Report) lines() []string {
	lines := r.remarks()
	for _, g := range []grid{r.beforeAndAfter(), r.trend()} {
		for _, row := range g {
			lines = append(lines, strings.Join(row, " | "))
		}
	}
	lines = append(lines, r.notes()...)
	if r.LastGreen != nil {
		lines = append(lines, "last green: "+r.LastGreen.summary())
	}
	return lines
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr"`
	Cases     []junitCase `xml:"testcase"`
	Output    string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure"`
	Skipped *junitText `xml:"skipped"`
	Output  string     `xml:"system-out,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}
