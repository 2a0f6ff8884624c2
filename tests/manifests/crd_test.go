package manifests

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"
)

func TestCRDFitsIntoTheAnnotationOfPlainKubectlApply(t *testing.T) {
	text, crd := readCRD(t)
	annotation, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	const limit = 256 * 1024
	if len(annotation) > limit/4 {
		t.Errorf("%s is %d bytes as JSON; kubectl apply keeps at most %d of all annotations, stay below a quarter",
			crd.Name, len(annotation), limit)
	}
}

func TestEveryFieldHasADescription(t *testing.T) {
	_, crd := readCRD(t)
	fields := 0
	var visit func(path string, schema apiextensionsv1.JSONSchemaProps)
	visit = func(path string, schema apiextensionsv1.JSONSchemaProps) {
		for name, field := range schema.Properties {
			if path == "" && name == "metadata" {
				continue
			}
			fields++
			if !strings.HasSuffix(field.Description, ".") {
				t.Errorf("%s.%s has no description that is a sentence: %q", path, name, field.Description)
			}
			visit(path+"."+name, field)
		}
		if schema.Items != nil {
			visit(path+"[]", *schema.Items.Schema)
		}
	}
	visit("", *crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
	if fields < 90 {
		t.Errorf("only %d fields were looked at", fields)
	}
}

func TestKubectlExplainShowsTheObjectives(t *testing.T) {
	mustKubectl(t, "api-resources", "--api-group=evenkeel.dev") // explain alone trusts what kubectl saw before the CRD
	out := awaitExplanation(t, "spol.spec.objectives")
	wants := []string{"ScalingPolicy", "latencyP99", "errorRate", "eventLoopLagP99", "eventLoopUtilization", "99 % of requests"}
	for _, want := range wants {
		if !strings.Contains(out, want) {
			t.Errorf("kubectl explain spol.spec.objectives does not say %q:\n%s", want, out)
		}
	}
}

// awaitExplanation waits for the API server to publish the CRD's OpenAPI document, some time after Established.
func awaitExplanation(t *testing.T, field string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		out, err := kubectl(ctx, "explain", field)
		if err == nil {
			return out
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestPrinterColumnsShowWhatIsGoingOn(t *testing.T) {
	create(t, "complete")
	patchStatus(t, "complete", statusSample)
	for output, want := range map[string]string{
		"": "NAME TARGET MODE MIN MAX CURRENT DESIRED P99 REASON AGE " +
			"complete checkout Enforce 2 40 4 7 412ms LatencyAboveObjective",
		"wide": "NAME TARGET MODE MIN MAX CURRENT DESIRED P99 REASON KIND READY ERRORS LAG BOTTLENECK AGE " +
			"complete checkout Enforce 2 40 4 7 412ms LatencyAboveObjective Deployment True 0.2% 138ms Downstream",
	} {
		out := mustKubectl(t, "get", "spol", "complete", "-o", output)
		if got := strings.Join(strings.Fields(out), " "); !strings.HasPrefix(got, want+" ") {
			t.Errorf("kubectl get spol -o %q printed\n%s, not\n%s", output, got, want)
		}
	}
}

func TestStatusIsKeptInFull(t *testing.T) {
	create(t, "complete")
	after := patchStatus(t, "complete", statusSample)
	// As Unstructured, so that numbers are of the same types on both sides.
	sample := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte("kind: X\nstatus:\n"+indent(statusSample)), sample); err != nil {
		t.Fatal(err)
	}
	if path, ok := contains(after.Object["status"], sample.Object["status"], "status"); !ok {
		t.Errorf("%s was not kept:\n%v", path, after.Object["status"])
	}
}

func TestStatusIsWrittenThroughItsSubresourceOnly(t *testing.T) {
	created := create(t, "minimal")
	patch := []byte(`{"spec": {"maxReplicas": 7}, "status": {"desiredReplicas": 3}}`)
	resource := objects.Resource(policies).Namespace("default")
	after, err := resource.Patch(t.Context(), "minimal", types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	if err != nil {
		t.Fatal(err)
	}
	if max, _, _ := unstructured.NestedInt64(after.Object, "spec", "maxReplicas"); max != 40 {
		t.Errorf("a patch of the status set spec.maxReplicas to %d", max)
	}
	if after.GetGeneration() != created.GetGeneration() {
		t.Errorf("a patch of the status changed metadata.generation to %d", after.GetGeneration())
	}
}

func TestPoliciesCanBeSelectedByTargetAndMode(t *testing.T) {
	create(t, "minimal")
	create(t, "observe-other-kind")
	for selector, want := range map[string]string{
		"spec.mode=Observe":              "observe-other-kind",
		"spec.targetRef.name=checkout":   "minimal",
		"spec.targetRef.kind=Deployment": "minimal",
	} {
		out := mustKubectl(t, "get", "scalingpolicies", "--field-selector", selector, "-o", "name")
		if got := strings.TrimSpace(out); got != "scalingpolicy.evenkeel.dev/"+want {
			t.Errorf("--field-selector %s found %q, not %s", selector, got, want)
		}
	}
}

func TestCategoryAndShortNameFindPolicies(t *testing.T) {
	create(t, "minimal")
	for _, name := range []string{"spol", "autoscaling"} {
		if out := mustKubectl(t, "get", name, "-o", "name"); strings.TrimSpace(out) != "scalingpolicy.evenkeel.dev/minimal" {
			t.Errorf("kubectl get %s found %q", name, out)
		}
	}
}

func readCRD(t *testing.T) ([]byte, apiextensionsv1.CustomResourceDefinition) {
	t.Helper()
	text, err := os.ReadFile(root + "/crds/scalingpolicy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(text, &crd); err != nil {
		t.Fatal(err)
	}
	return text, crd
}

// create stores the valid policy of that name until the end of the test.
func create(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	resource := objects.Resource(policies).Namespace("default")
	created, err := resource.Create(t.Context(), readObject(t, "policies/valid/"+name+".yaml"), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := resource.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	return created
}

func patchStatus(t *testing.T, name, status string) *unstructured.Unstructured {
	t.Helper()
	patch, err := yaml.YAMLToJSON([]byte("status:\n" + indent(status)))
	if err != nil {
		t.Fatal(err)
	}
	options := metav1.PatchOptions{FieldValidation: metav1.FieldValidationStrict}
	resource := objects.Resource(policies).Namespace("default")
	after, err := resource.Patch(t.Context(), name, types.MergePatchType, patch, options, "status")
	if err != nil {
		t.Fatal(err)
	}
	return after
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
}
