package ratelimit

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/launchready/readiness/internal/formfield"
	"github.com/launchready/readiness/internal/respond"
)

// chargeFields makes the charges of a rule with fields: one for each
// combination of their values, none where a field has none.
func (s *scratch) chargeFields(rule *rule, r *http.Request) *respond.Problem {
	if rule.Required && !s.form.Whole() {
		// Behind what was read may stand another value, the one that the
		// handler goes by. A form with files has its fields first.
		return &respond.Problem{
			Status: http.StatusRequestEntityTooLarge,
			Detail: fmt.Sprintf("This form takes at most %d KiB.", formfield.Max>>10),
		}
	}
	keys := [][]byte{nil}
	for _, k := range rule.Keys {
		if k.kind != keyField {
			for i := range keys {
				keys[i] = s.part(keys[i], rule, k, r)
			}
			continue
		}
		values, problem := s.values(k.name)
		switch {
		case problem != nil:
			return problem
		case len(values) == 0 && rule.Required:
			return &respond.Problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf("The field %q is missing.", k.name)}
		case len(values) == 0:
			return nil
		}
		product := make([][]byte, 0, len(keys)*len(values))
		for _, key := range keys {
			for _, v := range values {
				product = append(product, appendText(slices.Clip(key), keyField, v))
			}
		}
		keys = product
	}
	cost := rule.cost(r)
	for _, key := range keys {
		s.push(rule, key, cost)
	}
	return nil
}

// values returns the values of a field as they are counted, each once.
func (s *scratch) values(name string) ([]string, *respond.Problem) {
	sent := s.form.Values(name)
	if len(sent) > formfield.MaxValues {
		return nil, &respond.Problem{
			Status: http.StatusBadRequest,
			Detail: fmt.Sprintf("The field %q has too many values.", name),
		}
	}
	var values []string
	for _, v := range sent {
		if v = normal(v); v != "" && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values, nil
}
