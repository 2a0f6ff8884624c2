package manifests

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

func TestValidPoliciesAreAdmittedAsWritten(t *testing.T) {
	for _, file := range files(t, "policies/valid/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			given := readObject(t, file)
			admitted, err := admit(t, given)
			if err != nil {
				t.Fatal(err)
			}
			if path, ok := contains(admitted.Object["spec"], given.Object["spec"], "spec"); !ok {
				t.Errorf("%s is not as written:\n%v", path, admitted.Object["spec"])
			}
		})
	}
}

func TestDefaultsAreFilledIn(t *testing.T) {
	for file, want := range map[string]string{
		"minimal": `{"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"},
			"minReplicas": 1, "maxReplicas": 40, "mode": "Enforce", "metrics": {"source": "default", "window": "1m"},
			"objectives": {"latencyP99": "250ms"}, "policies": [{"name": "slo"}]}`,
		"empty-behavior": `{"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"},
			"minReplicas": 1, "maxReplicas": 4, "mode": "Enforce", "metrics": {"source": "default", "window": "1m"},
			"objectives": {"latencyP99": "0.25s"}, "policies": [{"name": "slo"}], "behavior": {"scaleUp": {}},
			"fallback": {"after": "3m", "replicas": 4}}`,
	} {
		t.Run(file, func(t *testing.T) {
			admitted, err := admit(t, readObject(t, "policies/valid/"+file+".yaml"))
			if err != nil {
				t.Fatal(err)
			}
			spec := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(`{"kind": "X", "spec": `+want+`}`), spec); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(admitted.Object["spec"], spec.Object["spec"]) {
				t.Errorf("the spec is\n%v\nand not\n%v", admitted.Object["spec"], spec.Object["spec"])
			}
		})
	}
}

// Each file has one fault and says in its first line, `# expect: <field path>: <message fragment>`, where it
// is and what the user is told. No fragment: the words are the API server's own and do not matter.
func TestInvalidPoliciesAreRefusedForTheirOneFault(t *testing.T) {
	for _, file := range files(t, "policies/invalid/*.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			path, fragment := expectation(t, file)
			_, err := admit(t, readObject(t, file))
			if err == nil {
				t.Fatalf("admitted; %s should have been refused: %s", path, fragment)
			}
			named := false
			for _, fault := range faultsIn(t, err) {
				if !fault.isAbout(path) {
					t.Errorf("also refused for another reason: %s: %s", fault.path, fault.message)
				}
				named = named || fault.isAbout(path) && strings.Contains(fault.message, fragment)
			}
			if !named {
				t.Errorf("%s is not refused with %q but with: %v", path, fragment, err)
			}
		})
	}
}

func TestUnknownFieldsAreRefusedByPlainKubectlApply(t *testing.T) {
	out, err := kubectl(t.Context(), "apply", "--dry-run=server", "-f", "policies/invalid/unknown-field.yaml")
	if err == nil || !strings.Contains(err.Error(), `unknown field "spec.maxReplica"`) {
		t.Errorf("kubectl apply said %q, %v", out, err)
	}
}

type fault struct{ path, message string }

// isAbout also sees the few built-in messages that name the field in their text only.
func (f fault) isAbout(path string) bool {
	return f.path == path || (f.path == "" && strings.Contains(f.message, path))
}

func faultsIn(t *testing.T, err error) []fault {
	t.Helper()
	var status *apierrors.StatusError
	if !errors.As(err, &status) {
		t.Fatalf("not refused by the API server: %v", err)
	}
	if status.ErrStatus.Details == nil || len(status.ErrStatus.Details.Causes) == 0 {
		return []fault{{message: status.ErrStatus.Message}}
	}
	var faults []fault
	for _, cause := range status.ErrStatus.Details.Causes {
		if !strings.Contains(cause.Message, "some validation rules were not checked") {
			faults = append(faults, fault{strings.TrimSuffix(cause.Field, "<nil>"), cause.Message})
		}
	}
	return faults
}

// admit asks the API server as kubectl does, with strict validation of fields, and stores nothing.
func admit(t *testing.T, policy *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	t.Helper()
	options := metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict}
	return objects.Resource(policies).Namespace("default").Create(t.Context(), policy, options)
}

func readObject(t *testing.T, file string) *unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal(text, object); err != nil {
		t.Fatalf("reading %s: %v", file, err)
	}
	return object
}

func expectation(t *testing.T, file string) (path, fragment string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadString('\n')
	rest, ok := strings.CutPrefix(line, "# expect: ")
	path, fragment, found := strings.Cut(strings.TrimSpace(rest), ":")
	if err != nil || !ok || !found {
		t.Fatalf("%s does not begin with # expect: <field path>: <message fragment>", file)
	}
	return path, strings.TrimSpace(fragment)
}

// contains says whether all of part is in whole, else where it is not.
func contains(whole, part any, path string) (string, bool) {
	fields, ok := part.(map[string]any)
	if !ok {
		return path, reflect.DeepEqual(whole, part)
	}
	for name, value := range fields {
		inWhole, ok := whole.(map[string]any)
		if !ok {
			return path, false
		}
		if where, ok := contains(inWhole[name], value, path+"."+name); !ok {
			return where, false
		}
	}
	return path, true
}
