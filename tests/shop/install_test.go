package shop

import (
	"strings"
	"testing"
)

func TestTheAddressOfABalancerIsItsOwnPortOrTheServices(t *testing.T) {
	for _, c := range []struct{ service, address string }{
		{`{"spec": {"ports": [{"port": 80}]}, "status": {"loadBalancer": {}}}`, ""},
		{`{"spec": {"ports": [{"port": 80}]}, "status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.1", "ports": [{"port": 40123}]}]}}}`, "127.0.0.1:40123"},
		{`{"spec": {"ports": [{"port": 80}]}, "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}}`, "lb.example:80"},
	} {
		if address, err := parseAddress(strings.NewReader(c.service)); address != c.address || err != nil {
			t.Errorf("%s: %q, %v", c.service, address, err)
		}
	}
}
