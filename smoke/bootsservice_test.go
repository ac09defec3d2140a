package smoke_test

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// serviceMain is what the binary of these tests does as the program that Boots
// starts.
func serviceMain(mode string) int {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	addr := flag.NewFlagSet(mode, flag.ExitOnError)
	flagged := addr.String("addr", os.Getenv("ADDR"), "")
	if err := addr.Parse(os.Args[1:]); err != nil {
		return 2
	}
	switch mode {
	case "bare": // says what it was given, where that is more than it should be
		files, _ := os.ReadDir(".")
		vars := strings.Join(os.Environ(), " ")
		if len(files) > 0 || runtime.GOOS != "windows" && vars != "SMOKE_AS_SERVICE=bare" {
			fmt.Println(files, vars)
			return 1
		}
		return 0
	case "file":
		if _, err := os.ReadFile("config.json"); err != nil {
			fmt.Fprintln(os.Stderr, "config:", err)
			return 1
		}
	case "variable":
		if os.Getenv("DATABASE_URL") == "" {
			fmt.Println("ERROR DATABASE_URL is not set")
			return 3
		}
	case "idle":
		<-stop
	case "tells":
		c, err := net.Dial("tcp", os.Getenv("TELL"))
		if err != nil {
			return 1
		}
		defer func() { _ = c.Close() }()
		<-stop
	case "talks":
		secret := os.Getenv("API_TOKEN")
		fmt.Println("first")
		for range 3000 {
			fmt.Println(strings.Repeat(".", 1000), secret)
		}
		fmt.Println("dial postgres://market:", os.Getenv("PIN"), "for seller@market.example")
		return 1
	case "taken":
		if f, err := os.OpenFile(os.Getenv("MARK"), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close()
			fmt.Println("listen tcp", *flagged+": bind: address already in use")
			return 1
		}
		return serve(*flagged, http.StatusOK, stop)
	case "500":
		return serve(*flagged, http.StatusInternalServerError, stop)
	case "503", "404", "302", "200":
		var status int
		_, _ = fmt.Sscan(mode, &status)
		return serve(*flagged, status, stop)
	case "port":
		return serve("127.0.0.1:"+os.Getenv("PORT"), http.StatusOK, stop)
	case "mute", "noise", "curt":
		l, err := net.Listen("tcp", *flagged)
		if err != nil {
			return 1
		}
		go func() {
			<-stop
			os.Exit(0)
		}()
		for {
			c, err := l.Accept()
			if err != nil {
				return 1
			}
			if mode == "noise" {
				_, _ = io.WriteString(c, "SSH-2.0-"+os.Getenv("API_TOKEN")+"\r\n\r\n")
			}
			if mode != "mute" {
				_, _ = c.Read(make([]byte, 1<<10)) // or the connection is reset
				_ = c.Close()
			}
		}
	case "deaf server":
		return serve(*flagged, http.StatusOK, nil) // the signal is noted and not heeded
	case "parent", "orphans":
		child := exec.Command(os.Args[0])
		child.Env = []string{"SMOKE_AS_SERVICE=child", "TELL=" + os.Getenv("TELL")}
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			fmt.Println(err)
			return 1
		}
		if mode == "orphans" {
			return 4
		}
		return serve(*flagged, http.StatusOK, stop)
	case "child":
		c, err := net.Dial("tcp", os.Getenv("TELL"))
		if err != nil {
			return 1
		}
		defer func() { _ = c.Close() }()
		select {}
	case "killed":
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
		select {}
	}
	return 0
}

// serve answers every request with a status, but for 503, which is over after
// the second one, until it is told to stop.
func serve(addr string, status int, stop <-chan os.Signal) int {
	var asked atomic.Int64
	srv := &http.Server{Addr: addr, ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > 2 && status == http.StatusServiceUnavailable {
			return
		}
		w.Header().Set("Location", "http://other.example/")
		w.WriteHeader(status)
	})}
	go func() {
		<-stop
		_ = srv.Close()
	}()
	if err := srv.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Println(err)
		return 1
	}
	fmt.Println("stopped")
	return 0
}
