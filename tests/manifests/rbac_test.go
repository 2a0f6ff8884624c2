package manifests

import (
	"maps"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const account = "system:serviceaccount:" + namespace + ":evenkeel"

func TestControllerMayDoWhatItNeedsAndNotWhatItDoesNot(t *testing.T) {
	for _, row := range []struct {
		verbs, resource, namespace, name string
		allowed                          bool
	}{
		{"get list watch", "evenkeel.dev/scalingpolicies", "shop", "", true},
		{"create update patch delete", "evenkeel.dev/scalingpolicies", "shop", "", false},
		{"get patch", "evenkeel.dev/scalingpolicies/status", "shop", "", true},
		{"get list watch", "apps/deployments", "shop", "", true},
		{"get list watch", "apps/statefulsets", "shop", "", true},
		{"get list watch", "apps/replicasets", "shop", "", true},
		{"create update patch delete", "apps/deployments", "shop", "", false},
		{"create update patch delete", "apps/statefulsets", "shop", "", false},
		{"create update patch delete", "apps/replicasets", "shop", "", false},
		{"get patch", "apps/deployments/scale", "shop", "", true},
		{"get patch", "apps/statefulsets/scale", "shop", "", true},
		{"get patch", "apps/replicasets/scale", "shop", "", true},
		{"get list watch", "/pods", "shop", "", true},
		{"create delete patch update", "/pods", "shop", "", false},
		{"create", "/pods/exec", "shop", "", false},
		{"get", "/pods/log", "shop", "", false},
		{"list watch", "autoscaling/horizontalpodautoscalers", "shop", "", true},
		{"create update patch delete", "autoscaling/horizontalpodautoscalers", "shop", "", false},
		{"list watch", "keda.sh/scaledobjects", "shop", "", true},
		{"create patch", "events.k8s.io/events", "shop", "", true},
		{"delete", "events.k8s.io/events", "shop", "", false},
		{"create", "coordination.k8s.io/leases", namespace, "", true},
		{"get update", "coordination.k8s.io/leases", namespace, "evenkeel-controller", true},
		{"get update", "coordination.k8s.io/leases", namespace, "another", false},
		{"get create update", "coordination.k8s.io/leases", "kube-system", "evenkeel-controller", false},
		{"get list watch", "/secrets", "shop", "", false},
		{"get list watch", "/secrets", namespace, "", false},
		{"get list watch", "/configmaps", "shop", "", false},
		{"create", "/serviceaccounts/token", namespace, "", false},
		{"patch update", "rbac.authorization.k8s.io/clusterroles", "", "", false},
		{"get list", "/nodes", "", "", false},
	} {
		for _, verb := range strings.Fields(row.verbs) {
			review := reviewOf(t, verb, row.resource, row.namespace, row.name)
			if review.Status.Allowed != row.allowed {
				t.Errorf("%s %s %s in %q: allowed is %t (%s)", verb, row.resource, row.name, row.namespace, !row.allowed, review.Status.Reason)
			}
		}
	}
}

// The whole of what the account may do beyond what every account may, so that a new rule needs a new line here.
func TestControllerMayDoNothingElse(t *testing.T) {
	everywhere := []string{
		"create events.k8s.io/events",
		"get /pods",
		"get apps/deployments",
		"get apps/deployments/scale",
		"get apps/replicasets",
		"get apps/replicasets/scale",
		"get apps/statefulsets",
		"get apps/statefulsets/scale",
		"get evenkeel.dev/scalingpolicies",
		"get evenkeel.dev/scalingpolicies/status",
		"list /pods",
		"list apps/deployments",
		"list apps/replicasets",
		"list apps/statefulsets",
		"list autoscaling/horizontalpodautoscalers",
		"list evenkeel.dev/scalingpolicies",
		"list keda.sh/scaledobjects",
		"patch apps/deployments/scale",
		"patch apps/replicasets/scale",
		"patch apps/statefulsets/scale",
		"patch evenkeel.dev/scalingpolicies/status",
		"patch events.k8s.io/events",
		"watch /pods",
		"watch apps/deployments",
		"watch apps/replicasets",
		"watch apps/statefulsets",
		"watch autoscaling/horizontalpodautoscalers",
		"watch evenkeel.dev/scalingpolicies",
		"watch keda.sh/scaledobjects",
	}
	athome := append([]string{
		"create coordination.k8s.io/leases",
		"get coordination.k8s.io/leases evenkeel-controller",
		"update coordination.k8s.io/leases evenkeel-controller",
	}, everywhere...)
	slices.Sort(athome)
	for where, want := range map[string][]string{"shop": everywhere, namespace: athome} {
		common := rulesOf(t, "system:serviceaccount:shop:nobody", where)
		got := without(rulesOf(t, account, where), common)
		if !slices.Equal(got, want) {
			t.Errorf("in %s it may also %q and may not %q", where, without(got, want), without(want, got))
		}
	}
}

func without(rules, others []string) []string {
	return slices.DeleteFunc(slices.Clone(rules), func(rule string) bool { return slices.Contains(others, rule) })
}

func reviewOf(t *testing.T, verb, resource, where, name string) *authorizationv1.SubjectAccessReview {
	t.Helper()
	group, rest, _ := strings.Cut(resource, "/")
	kind, subresource, _ := strings.Cut(rest, "/")
	review, err := client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User:   account,
			Groups: []string{"system:authenticated", "system:serviceaccounts", "system:serviceaccounts:" + namespace},
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: verb, Group: group, Resource: kind, Subresource: subresource, Namespace: where, Name: name,
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return review
}

// rulesOf lists `verb group/resource` of all that a user may do in a namespace.
func rulesOf(t *testing.T, user, where string) []string {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", local.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated", "system:serviceaccounts"}}
	as, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	review, err := as.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(), &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: where},
	}, metav1.CreateOptions{})
	if err != nil || review.Status.Incomplete {
		t.Fatalf("asking for the rules of %s: %v %s", user, err, review.Status.EvaluationError)
	}
	rules := map[string]bool{}
	for _, rule := range review.Status.ResourceRules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					rules[strings.Join(append([]string{verb, group + "/" + resource}, rule.ResourceNames...), " ")] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(rules))
}
