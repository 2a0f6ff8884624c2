package agent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// thisMachine is 127.0.0.1 by name, since an SRV record points to names only, and not ::1, where no pod listens.
var thisMachine = dnsmessage.MustNewName("node.")

// nameServer tells caddy where pods are, by SRV records: a cluster's DNS for headless services in small. It
// speaks DNS over TCP only, where an answer has room for two thousand pods.
type nameServer struct {
	listener net.Listener

	mu    sync.Mutex
	ports map[string][]int // by name, with a dot at the end
}

func newNameServer() (*nameServer, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening the name server's port: %w", err)
	}
	n := &nameServer{listener: listener, ports: map[string][]int{}}
	go n.serve()
	return n, nil
}

func (n *nameServer) set(ports map[string][]int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ports = ports
}

func (n *nameServer) serve() {
	for {
		connection, err := n.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go n.converse(connection)
		}
	}
}

// converse answers queries until the client hangs up or sends something else.
func (n *nameServer) converse(connection net.Conn) {
	defer connection.Close()
	for {
		_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
		var length uint16
		if binary.Read(connection, binary.BigEndian, &length) != nil {
			return
		}
		query := make([]byte, length)
		if _, err := io.ReadFull(connection, query); err != nil {
			return
		}
		answer, err := n.answer(query)
		if err != nil {
			return
		}
		if _, err := connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func (n *nameServer) answer(query []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	message := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: header.ID, Response: true, Authoritative: true, RecursionDesired: header.RecursionDesired},
		Questions: []dnsmessage.Question{question},
		Answers:   n.records(question),
	}
	if len(message.Answers) == 0 && question.Name != thisMachine {
		message.RCode = dnsmessage.RCodeNameError
	}
	return message.Pack()
}

func (n *nameServer) records(question dnsmessage.Question) []dnsmessage.Resource {
	header := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET}
	if question.Name == thisMachine && question.Type == dnsmessage.TypeA {
		return []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	var records []dnsmessage.Resource
	for _, port := range n.ports[question.Name.String()] {
		records = append(records, dnsmessage.Resource{Header: header, Body: &dnsmessage.SRVResource{Port: uint16(port), Target: thisMachine}})
	}
	return records
}
