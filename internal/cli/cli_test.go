package cli_test

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/writ-iam/writ/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"writ":   func() { os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr, os.Environ())) },
		"tamper": tamper,
	})
}

// tamper DATABASE SQL changes a database behind writ's back, as somebody with the sqlite3 tool could.
func tamper() {
	err := func() error {
		db, err := sql.Open("sqlite", os.Args[1])
		if err != nil {
			return err
		}
		res, err := db.Exec(os.Args[2])
		if err != nil {
			return errors.Join(err, db.Close())
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(errors.New("nothing is changed"), err, db.Close())
		}
		return db.Close()
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestScripts runs testdata/*.txtar. Servers listen at ports that are free; scripts learn them from the env file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("WRIT_LISTEN", "127.0.0.1:0")
			e.Setenv("WRIT_METRICS_LISTEN", "")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit": exit, "await": await, "ready": ready, "get": get, "hang": hang,
		},
	})
}

// exit CODE COMMAND... runs a command and checks its exit code.
func exit(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failure, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = failure.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// patience is how long a script waits for a server.
const patience = 20 * time.Second

func until(ts *testscript.TestScript, what string, done func() bool) {
	for end := time.Now().Add(patience); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			ts.Fatalf("waited in vain for %s", what)
		}
	}
}

// await FILE REGEXP waits until a file matches.
func await(ts *testscript.TestScript, _ bool, args []string) {
	re := regexp.MustCompile("(?m)" + args[1])
	until(ts, args[1]+" in "+args[0], func() bool {
		b, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && re.Match(b)
	})
}

// ready ENVFILE waits until the server whose URL is in an env file is ready.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, "the server", func() bool {
		url := variable(ts, args[0], "WRIT_URL")
		if url == "" {
			return false
		}
		res, err := http.Get(url + "/readyz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// variable gives the value of a variable in an env file, "" if it is not there.
func variable(ts *testscript.TestScript, file, key string) string {
	b, err := os.ReadFile(ts.MkAbs(file))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, key+"="); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// get ENVFILE PATH gets a path from the server, as the owner; status and body go to standard output.
func get(ts *testscript.TestScript, _ bool, args []string) {
	req, err := http.NewRequest("GET", variable(ts, args[0], "WRIT_URL")+args[1], nil)
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+variable(ts, args[0], "WRIT_TOKEN"))
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s\n", res.StatusCode, strings.TrimSpace(string(body)))
}

// hang ENVFILE begins a request and never ends it.
func hang(ts *testscript.TestScript, _ bool, args []string) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(variable(ts, args[0], "WRIT_URL"), "http://"))
	ts.Check(err)
	ts.Defer(func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /v1/iam/authorize HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n",
		variable(ts, args[0], "WRIT_TOKEN"))
	ts.Check(err)
	// The server asks for the body once it waits for it; before that, ending would not have to wait for the request.
	line, err := bufio.NewReader(conn).ReadString('\n')
	ts.Check(err)
	if !strings.Contains(line, "100 Continue") {
		ts.Fatalf("the server answered %q", line)
	}
}
