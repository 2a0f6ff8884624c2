package agent

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// inherited are the agent's own variables that every pod gets.
var inherited = []string{"PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}

// environment is what the container's process sees. The agent's PORT… variables win over the manifest's,
// which holds the fixed ports for a cluster where every pod has an address of its own.
func (r *runner) environment(ctx context.Context) (map[string]string, error) {
	env := map[string]string{}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	maps.Copy(env, r.agent.serviceEnvironment(r.pod.Namespace))
	env["KUBERNETES_SERVICE_HOST"] = "127.0.0.1"
	env["KUBERNETES_SERVICE_PORT"] = strconv.Itoa(r.agent.cfg.APIServerPort)
	env["EVENKEEL_SERVICE_ACCOUNT_DIR"] = filepath.Join(r.dir, "serviceaccount")
	ports := r.portEnvironment()
	maps.Copy(env, ports)
	for _, source := range r.container().EnvFrom {
		values, err := r.valuesFrom(ctx, source)
		if err != nil {
			return nil, err
		}
		for name, value := range values {
			env[source.Prefix+name] = value
		}
	}
	for _, variable := range r.container().Env {
		if _, ours := ports[variable.Name]; ours {
			continue
		}
		value, known, err := r.valueOf(ctx, variable, env)
		if err != nil {
			return nil, err
		}
		if known {
			env[variable.Name] = value
		}
	}
	return env, nil
}

// portEnvironment has PORT, the first container port as mapped to this machine, and PORT_<NAME> for each named one.
func (r *runner) portEnvironment() map[string]string {
	env := map[string]string{}
	for i, port := range r.container().Ports {
		local := strconv.Itoa(r.ports[port.ContainerPort])
		if i == 0 {
			env["PORT"] = local
		}
		if port.Name != "" {
			env["PORT_"+variableName(port.Name)] = local
		}
	}
	return env
}

func variableName(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// valueOf resolves one variable; known is false for an optional reference to nothing.
func (r *runner) valueOf(ctx context.Context, variable corev1.EnvVar, env map[string]string) (value string, known bool, err error) {
	from := variable.ValueFrom
	switch {
	case from == nil:
		return expansion.Expand(variable.Value, expansion.MappingFuncFor(env)), true, nil
	case from.FieldRef != nil:
		value, err = r.field(from.FieldRef.FieldPath)
		return value, true, err
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		return r.key(ctx, corev1.EnvFromSource{ConfigMapRef: &corev1.ConfigMapEnvSource{
			LocalObjectReference: ref.LocalObjectReference, Optional: ref.Optional}}, ref.Key, ref.Optional)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		return r.key(ctx, corev1.EnvFromSource{SecretRef: &corev1.SecretEnvSource{
			LocalObjectReference: ref.LocalObjectReference, Optional: ref.Optional}}, ref.Key, ref.Optional)
	default:
		return "", false, fmt.Errorf("env %s: this kind of valueFrom is not supported by the local node agent", variable.Name)
	}
}

func (r *runner) field(path string) (string, error) {
	switch path {
	case "spec.nodeName":
		return nodeName, nil
	case "spec.serviceAccountName":
		return r.pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.hostIP", "status.podIPs", "status.hostIPs":
		return "127.0.0.1", nil
	default:
		return fieldpath.ExtractFieldPathAsString(r.pod, path)
	}
}

func (r *runner) key(ctx context.Context, source corev1.EnvFromSource, key string, optional *bool) (string, bool, error) {
	values, err := r.valuesFrom(ctx, source)
	if err != nil {
		return "", false, err
	}
	value, ok := values[key]
	if !ok && (optional == nil || !*optional) {
		return "", false, fmt.Errorf("couldn't find key %s; there is %s", key, strings.Join(slices.Sorted(maps.Keys(values)), ", "))
	}
	return value, ok, nil
}

// valuesFrom reads a ConfigMap or a Secret, or nothing where that is absent and optional.
func (r *runner) valuesFrom(ctx context.Context, source corev1.EnvFromSource) (map[string]string, error) {
	values := map[string]string{}
	client := r.agent.cfg.Client.CoreV1()
	if ref := source.ConfigMapRef; ref != nil {
		configMap, err := client.ConfigMaps(r.pod.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if err != nil && !absent(err, ref.Optional) {
			return nil, err
		}
		maps.Copy(values, configMap.Data)
	}
	if ref := source.SecretRef; ref != nil {
		secret, err := client.Secrets(r.pod.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if err != nil && !absent(err, ref.Optional) {
			return nil, err
		}
		for key, value := range secret.Data {
			values[key] = string(value)
		}
	}
	return values, nil
}

// arguments is the command line: Kubernetes' command replaces the image's, args are added.
func (r *runner) arguments(env map[string]string) ([]string, error) {
	command := r.container().Command
	if len(command) == 0 {
		image := imageName(r.container().Image)
		var known bool
		if command, known = r.agent.cfg.Images[image]; !known {
			return nil, fmt.Errorf("the local node agent runs no image %q; it knows %s",
				image, strings.Join(slices.Sorted(maps.Keys(r.agent.cfg.Images)), ", "))
		}
	}
	mapping := expansion.MappingFuncFor(env)
	var out []string
	for _, word := range slices.Concat(command, r.container().Args) {
		out = append(out, expansion.Expand(word, mapping))
	}
	return out, nil
}

// imageName strips registry, repository, tag and digest.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	image = image[strings.LastIndex(image, "/")+1:]
	image, _, _ = strings.Cut(image, ":")
	return image
}

func absent(err error, optional *bool) bool {
	return apierrors.IsNotFound(err) && optional != nil && *optional
}
