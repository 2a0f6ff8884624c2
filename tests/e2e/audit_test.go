package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write is one write to the API server, as its audit log has it.
type write struct {
	Verb string `json:"verb"`
	User struct {
		Username string `json:"username"`
	} `json:"user"`
	ObjectRef struct {
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
}

func (w write) String() string {
	r := w.ObjectRef
	return fmt.Sprintf("%s %s %s/%s in %s: %d", w.User.Username, w.Verb, r.Resource, r.Subresource, r.Namespace, w.ResponseStatus.Code)
}

func auditLog() string { return filepath.Join(local.Dir, "logs", "audit.log") }

// writes are all writes to a resource ("deployments/scale") in the namespace, in order, whoever made them.
func writes(t *testing.T, namespace, resource string) []write {
	t.Helper()
	text, err := os.ReadFile(auditLog())
	must(t, err)
	var found []write
	for line := range strings.Lines(string(text)) {
		var w write
		if err := json.Unmarshal([]byte(line), &w); err != nil {
			continue // the line that is just being written
		}
		name, subresource, _ := strings.Cut(resource, "/")
		r := w.ObjectRef
		if r.Namespace == namespace && r.Resource == name && r.Subresource == subresource {
			found = append(found, w)
		}
	}
	return found
}
