// Go as a peer of the matrix: lines of JSON in, lines of JSON out (../scripted.py).
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"reflect"
	"strings"
)

type order struct {
	Do, Name, Trust, Chain, Key, Session string
	Port                                 int
	Require, Tickets                     bool
	Versions, Suites, Groups, Alpn       []string
}

type told map[string]any

// A client's sessions, by the orders' name for them.
var kept = map[string]tls.ClientSessionCache{}

var versions = map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

var curves = map[string]tls.CurveID{
	"x25519": tls.X25519, "secp256r1": tls.CurveP256, "secp384r1": tls.CurveP384, "secp521r1": tls.CurveP521,
	// By number: an older Go has no names for them.
	"X25519MLKEM768": 4588, "SecP256r1MLKEM768": 4587, "SecP384r1MLKEM1024": 4589,
}

// Those of TLS 1.2, which are the ones that can be set; none is the default.
func suites(names []string) (ids []uint16) {
	for _, name := range names {
		for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			if suite.Name == name && strings.Contains(name, "_WITH_") {
				ids = append(ids, suite.ID)
			}
		}
	}
	return ids
}

func config(o order) (*tls.Config, error) {
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(o.Trust)
	if err != nil {
		return nil, err
	}
	roots.AppendCertsFromPEM(pem)
	c := &tls.Config{MinVersion: versions[o.Versions[0]], MaxVersion: versions[o.Versions[1]], RootCAs: roots,
		ClientCAs: roots, ServerName: o.Name, NextProtos: o.Alpn, SessionTicketsDisabled: !o.Tickets}
	c.CipherSuites = suites(o.Suites)
	for _, group := range o.Groups {
		c.CurvePreferences = append(c.CurvePreferences, curves[group])
	}
	if o.Chain != "" {
		pair, err := tls.LoadX509KeyPair(o.Chain, o.Key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if o.Require {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// What a connection says of itself; the group only where this Go's ConnectionState has it (1.25).
func seen(state tls.ConnectionState) told {
	out := told{"suite": tls.CipherSuiteName(state.CipherSuite), "alpn": nil, "resumed": state.DidResume}
	if state.NegotiatedProtocol != "" {
		out["alpn"] = state.NegotiatedProtocol
	}
	if id := reflect.ValueOf(state).FieldByName("CurveID"); id.IsValid() {
		for name, curve := range curves {
			if tls.CurveID(id.Uint()) == curve {
				out["group"] = name
			}
		}
	}
	if len(state.PeerCertificates) > 0 {
		out["client"] = state.PeerCertificates[0].Subject.CommonName
	}
	return out
}

func connect(o order) (told, error) {
	c, err := config(o)
	if err != nil {
		return nil, err
	}
	if o.Session != "" {
		if kept[o.Session] == nil {
			kept[o.Session] = tls.NewLRUClientSessionCache(0)
		}
		c.ClientSessionCache = kept[o.Session]
	}
	connection, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", o.Port), c)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n")
	body, err := io.ReadAll(connection) // an end without close_notify would be an error
	if err != nil {
		return nil, err
	}
	out := seen(connection.ConnectionState())
	out["body"] = string(body)
	return out, nil
}

func answer(w http.ResponseWriter, request *http.Request) {
	w.Header().Set("Connection", "close")
	json.NewEncoder(w).Encode(seen(*request.TLS))
}

func listen(o order) (told, error) {
	c, err := config(o)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(answer), ErrorLog: log.New(os.Stderr, "", 0),
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}}
	go server.Serve(tls.NewListener(listener, c))
	return told{"port": listener.Addr().(*net.TCPAddr).Port}, nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o order
		err := json.Unmarshal(lines.Bytes(), &o)
		var out told
		if err == nil {
			out, err = map[string]func(order) (told, error){"connect": connect, "listen": listen}[o.Do](o)
		}
		if err != nil {
			out = told{"error": err.Error()}
		}
		json.NewEncoder(os.Stdout).Encode(out)
	}
}
