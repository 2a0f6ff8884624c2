package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Route is one listener of the proxy and the pods behind it.
type Route struct {
	Server    string // "<namespace>/<service>", the server label of caddy's metrics
	Port      int
	Upstreams []int // ports on 127.0.0.1
}

// staleness is how long caddy may go on using the pods that it has looked up.
const staleness = 250 * time.Millisecond

// Proxy tells one caddy what to listen on, through its admin API, and where the pods are, through DNS.
// Pods come and go much more often than Services, and each new configuration makes caddy open its listeners anew, which
// resets connections that the kernel has accepted and caddy has not.
type Proxy struct {
	file  string
	names *nameServer

	mu        sync.Mutex
	adminPort int
	routes    []Route
	applied   []byte
}

// NewProxy keeps caddy's configuration in file.
func NewProxy(file string) (*Proxy, error) {
	names, err := newNameServer()
	return &Proxy{file: file, names: names}, err
}

// Close ends the name server; caddy is its starter's to end.
func (p *Proxy) Close() { _ = p.names.listener.Close() }

// Prepare writes the present configuration for a caddy that is about to start with the admin port.
func (p *Proxy) Prepare(adminPort int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.adminPort = adminPort
	text, err := p.write()
	p.applied = text
	return err
}

// Apply makes the routes the proxy's only ones; it begins no request to other upstreams later than
// staleness after the return. When caddy does not answer, the configuration is kept for its next start.
func (p *Proxy) Apply(ctx context.Context, routes []Route) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.routes = routes
	ports := map[string][]int{}
	for _, route := range routes {
		ports[route.name()] = route.Upstreams
	}
	p.names.set(ports)
	text, err := p.write()
	if err != nil || bytes.Equal(text, p.applied) {
		return err
	}
	if err := p.load(ctx, text); err != nil {
		return fmt.Errorf("configuring the proxy: %w", err)
	}
	p.applied = text
	return nil
}

func (p *Proxy) load(ctx context.Context, config []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	url := fmt.Sprintf("http://127.0.0.1:%d/load", p.adminPort)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(config))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if answer, _ := io.ReadAll(io.LimitReader(response.Body, 4096)); response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(answer)))
	}
	return nil
}

func (p *Proxy) write() ([]byte, error) {
	text, err := json.MarshalIndent(p.config(), "", " ")
	if err != nil {
		return nil, fmt.Errorf("encoding the proxy's configuration: %w", err)
	}
	return text, writeFile(p.file, text)
}

type object = map[string]any

func (p *Proxy) config() object {
	servers := object{}
	for _, route := range p.routes {
		servers[route.Server] = object{
			"listen":          []string{fmt.Sprintf("127.0.0.1:%d", route.Port)},
			"protocols":       []string{"h1"},
			"automatic_https": object{"disable": true},
			"metrics":         object{},
			"routes":          []object{{"handle": []object{p.handler(route)}}},
		}
	}
	return object{
		"admin": object{"listen": fmt.Sprintf("127.0.0.1:%d", p.adminPort), "config": object{"persist": false}},
		"logging": object{"logs": object{"default": object{
			"level": "WARN", "exclude": []string{"http.log.error", "http.handlers.reverse_proxy"}}}}, // a line per failed request
		"apps": object{"http": object{"grace_period": "60s", "servers": servers}},
	}
}

// handler sends each request to a random pod, and to another one within a second if that refuses the connection.
func (p *Proxy) handler(route Route) object {
	resolver := object{"addresses": []string{"tcp/" + p.names.listener.Addr().String()}}
	return object{
		"handler": "reverse_proxy",
		"dynamic_upstreams": object{
			"source": "srv", "name": route.name(), "refresh": staleness.String(), "resolver": resolver,
		},
		"transport": object{"protocol": "http", "resolver": resolver},
		"load_balancing": object{
			"selection_policy": object{"policy": "random"}, "try_duration": "1s", "try_interval": "50ms",
		},
	}
}

// name is the Service's name in DNS.
func (r Route) name() string {
	namespace, service, _ := strings.Cut(r.Server, "/")
	return service + "." + namespace + ".svc."
}

// writeFile replaces a file in one step, so that no reader sees half of it.
func writeFile(name string, data []byte) error {
	partial := name + ".partial"
	if err := os.WriteFile(partial, data, 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	if err := os.Rename(partial, name); err != nil {
		return fmt.Errorf("replacing %s: %w", name, err)
	}
	return nil
}
