package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Controllers of kube-controller-manager that do something without nodes and volumes.
const controllers = "deployment-controller,replicaset-controller,statefulset-controller,serviceaccount-controller," +
	"namespace-controller,garbage-collector-controller,clusterrole-aggregation-controller,horizontal-pod-autoscaler-controller"

func (c *Cluster) etcd() recipe {
	return recipe{
		portCount: 2,
		command: func(ports []int) *exec.Cmd {
			client, peer := loopback("http", ports[0]), loopback("http", ports[1])
			return exec.Command(filepath.Join(c.Assets, "etcd"),
				"--data-dir="+c.path("etcd"), "--unsafe-no-fsync", "--log-level=warn",
				"--watch-progress-notify-interval=5s", // as kubeadm: without it quiet resources have no bookmarks
				"--listen-client-urls="+client, "--advertise-client-urls="+client,
				"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer,
				"--initial-cluster=default="+peer)
		},
		healthy: func(ctx context.Context, ports []int) error {
			return answersOK(ctx, http.DefaultClient, loopback("http", ports[0])+"/health")
		},
	}
}

func (c *Cluster) apiserver() recipe {
	return recipe{
		portCount: 1,
		prepare: func(ports []int) error {
			server := loopback("https", ports[0])
			if err := c.pki.writeKubeconfig(c.Kubeconfig, server, "admin", "system:masters"); err != nil {
				return err
			}
			return c.pki.writeKubeconfig(c.path("kube-controller-manager.kubeconfig"), server, "system:kube-controller-manager", "")
		},
		command: func(ports []int) *exec.Cmd {
			return exec.Command(filepath.Join(c.Assets, "kube-apiserver"),
				"--etcd-servers="+loopback("http", c.components["etcd"].ports[0]),
				"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", ports[0]),
				"--endpoint-reconciler-type=none", "--service-cluster-ip-range=10.96.0.0/16",
				"--tls-cert-file="+c.pki.path("api.crt"), "--tls-private-key-file="+c.pki.path("api.key"),
				"--client-ca-file="+c.pki.path("ca.crt"), "--authorization-mode=RBAC",
				"--service-account-issuer=https://kubernetes.default.svc",
				"--service-account-key-file="+c.pki.path("service-account.key"),
				"--service-account-signing-key-file="+c.pki.path("service-account.key"),
				"--audit-policy-file="+c.path("audit-policy.yaml"), "--audit-log-path="+c.path("logs", "audit.log"),
				"--shutdown-watch-termination-grace-period=1s", // else it waits for every watcher to hang up
				"--profiling=false")
		},
		healthy: func(ctx context.Context, ports []int) error {
			return answersOK(ctx, c.tlsClient, loopback("https", ports[0])+"/readyz")
		},
	}
}

func (c *Cluster) controllerManager() recipe {
	return recipe{
		portCount: 1,
		command: func(ports []int) *exec.Cmd {
			return exec.Command(filepath.Join(c.Assets, "kube-controller-manager"),
				"--kubeconfig="+c.path("kube-controller-manager.kubeconfig"), "--controllers="+controllers,
				"--use-service-account-credentials", "--leader-elect=false",
				"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", ports[0]),
				"--tls-cert-file="+c.pki.path("api.crt"), "--tls-private-key-file="+c.pki.path("api.key"),
				"--kube-api-qps=200", "--kube-api-burst=400", "--profiling=false")
		},
		healthy: func(ctx context.Context, ports []int) error {
			return answersOK(ctx, c.tlsClient, loopback("https", ports[0])+"/healthz")
		},
	}
}

func (c *Cluster) prometheus() recipe {
	return recipe{
		portCount: 1,
		prepare: func([]int) error {
			text := c.prometheusConfig(c.components["caddy"].ports[0])
			return os.WriteFile(c.path("prometheus", "prometheus.yml"), []byte(text), 0o600)
		},
		command: func(ports []int) *exec.Cmd {
			return exec.Command(c.programs.prometheus,
				"--config.file="+c.path("prometheus", "prometheus.yml"), "--storage.tsdb.path="+c.path("prometheus", "data"),
				fmt.Sprintf("--web.listen-address=127.0.0.1:%d", ports[0]), "--log.level=warn")
		},
		healthy: func(ctx context.Context, ports []int) error {
			return answersOK(ctx, http.DefaultClient, loopback("http", ports[0])+"/-/ready")
		},
	}
}

func (c *Cluster) caddy() recipe {
	return recipe{
		portCount: 1,
		prepare: func(ports []int) error {
			return c.proxy.Prepare(ports[0])
		},
		command: func(ports []int) *exec.Cmd {
			cmd := exec.Command(c.programs.caddy, "run", "--config", c.path("caddy", "caddy.json"))
			cmd.Env = append(os.Environ(), "HOME="+c.path("caddy"), "XDG_DATA_HOME="+c.path("caddy"), "XDG_CONFIG_HOME="+c.path("caddy"))
			return cmd
		},
		healthy: func(ctx context.Context, ports []int) error {
			return answersOK(ctx, http.DefaultClient, loopback("http", ports[0])+"/config/admin")
		},
	}
}

// auditPolicy records who wrote what: a test can tell that a controller patched nothing.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, verbs: [get, list, watch]}
- {level: Metadata}
`

// prometheusConfig takes its targets from the node agent's file; caddy's server label is the name of
// the Service, and is split into the labels that an ingress controller's metrics have.
func (c *Cluster) prometheusConfig(caddyPort int) string {
	interval := c.options.ScrapeInterval
	return fmt.Sprintf(`global:
  scrape_interval: %[1]s
  scrape_timeout: %[2]s
  evaluation_interval: %[1]s
scrape_configs:
- job_name: pods
  file_sd_configs:
  - files: [%[3]q]
    refresh_interval: 1s
- job_name: caddy
  static_configs:
  - targets: ["127.0.0.1:%[4]d"]
  metric_relabel_configs:
  - {source_labels: [server], regex: "([^/]+)/(.+)", target_label: namespace, replacement: "$1"}
  - {source_labels: [server], regex: "([^/]+)/(.+)", target_label: service, replacement: "$2"}
`, promDuration(interval), promDuration(min(interval, 10*time.Second)), c.path("prometheus", "targets", "*.json"), caddyPort)
}

func promDuration(d time.Duration) string { return fmt.Sprintf("%dms", d.Milliseconds()) }

func loopback(scheme string, port int) string { return fmt.Sprintf("%s://127.0.0.1:%d", scheme, port) }

func answersOK(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s: %s", url, response.Status, strings.TrimSpace(string(body)))
	}
	return nil
}

// newTLSClient trusts the cluster's own authority only.
func newTLSClient(caFile string) (*http.Client, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("reading the cluster's certificate authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true,
	}}, nil
}
