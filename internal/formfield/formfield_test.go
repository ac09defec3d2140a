package formfield_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/launchready/readiness/internal/formfield"
)

const (
	urlencoded = "application/x-www-form-urlencoded"
	multi      = "multipart/form-data; boundary=b"
)

func post(contentType, query, body string) *http.Request {
	r := httptest.NewRequest("POST", "/login?"+query, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

func part(name, value string) string {
	return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, contentType, query, body string
		want                           []string
	}{
		{name: "urlencoded", contentType: urlencoded, body: "password=x&email=anna%40example.com", want: []string{"anna@example.com"}},
		{name: "plus and percent", contentType: urlencoded, body: "%65mail=a+b", want: []string{"a b"}},
		{name: "with a charset", contentType: urlencoded + "; charset=utf-8", body: "email=a", want: []string{"a"}},
		{name: "parameters that cannot be read", contentType: urlencoded + "; charset", body: "email=a", want: []string{"a"}},
		{name: "several values", contentType: urlencoded, body: "email=a&email=b&email=a", want: []string{"a", "b"}},
		{name: "more than four", contentType: urlencoded, body: "email=1&email=2&email=3&email=4&email=5&email=6", want: []string{"1", "2", "3", "4", "5"}},
		{name: "semicolons separate nothing", contentType: urlencoded, body: "a=1;email=x&email=y", want: []string{"y"}},
		{name: "bad escapes are passed over", contentType: urlencoded, body: "email=%zz&email=y&%zz=1", want: []string{"y"}},
		{name: "other case is another field", contentType: urlencoded, body: "Email=x"},
		{name: "empty", contentType: urlencoded, body: "email=", want: []string{""}},
		{name: "no value", contentType: urlencoded, body: "email", want: []string{""}},
		{name: "query only", contentType: urlencoded, query: "email=q", want: []string{"q"}},
		{name: "body and query", contentType: urlencoded, query: "email=q", body: "email=b", want: []string{"b", "q"}},
		{name: "multipart", contentType: multi, body: part("x", "1") + part("email", "m@x") + "--b--\r\n", want: []string{"m@x"}},
		{name: "multipart and query", contentType: multi, query: "email=q", body: part("email", "m") + "--b--\r\n", want: []string{"m", "q"}},
		{name: "multipart without its end", contentType: multi, body: part("email", "m") + part("email", "cut"), want: []string{"m"}},
		{name: "a file is no field", contentType: multi, body: "--b\r\nContent-Disposition: form-data; name=\"email\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n"},
		{name: "JSON", contentType: "application/json", body: ` {"user":{"email":"deep"},"email":"j","list":[1,{"email":2}]}`, want: []string{"j"}},
		{name: "JSON names have no case", contentType: "application/json", body: `{"EMAIL":"a","email":"b"}`, want: []string{"a", "b"}},
		{name: "JSON escapes", contentType: "application/json", body: `{"em\u0061il":"\u0061@x"}`, want: []string{"a@x"}},
		{name: "JSON scalars", contentType: "application/json", body: `{"email":12345678901234567890,"Email":true,"eMail":null,"emAil":{}}`, want: []string{"12345678901234567890", "true"}},
		{name: "JSON list", contentType: "application/json", body: `{"email":["a",["c"],"b"]}`, want: []string{"a", "b"}},
		{name: "JSON that breaks off", contentType: "application/json", body: `{"email":"a","x`, want: []string{"a"}},
		{name: "JSON with something behind", contentType: "application/json", body: `{"email":"a"} {"email":"b"}`, want: []string{"a"}},
		{name: "JSON by another type", contentType: "text/plain", body: `{"email":"a"}`, want: []string{"a"}},
		{name: "JSON as a form", contentType: urlencoded, body: `{"email":"a"}`, want: []string{"a"}},
		{name: "JSON before a form", contentType: multi, body: `{"email":"a"}` + "\r\n" + part("email", "b") + "--b--\r\n", want: []string{"b", "a"}},
		{name: "no object", contentType: "application/json", body: `["email"]`},
		{name: "nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := formfield.Read(post(tt.contentType, tt.query, tt.body))
			if got := f.Values("email"); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !f.Whole() {
				t.Error("not all was read")
			}
		})
	}
}

func TestReadAtMostMax(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		size  int
		whole bool
	}{
		{name: "less", size: formfield.Max - 1, whole: true},
		{name: "just as much", size: formfield.Max},
		{name: "more", size: 3 * formfield.Max},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			begin, end := "email=a&x=", "&email=cu"
			body := begin + strings.Repeat("x", tt.size-len(begin)-len(end)) + end
			taken := &counting{r: strings.NewReader(body)}
			r := httptest.NewRequest("POST", "/", taken)
			r.Header.Set("Content-Type", urlencoded)
			f := formfield.Read(r)
			if taken.n > formfield.Max {
				t.Errorf("%d bytes were read", taken.n)
			}
			if f.Whole() != tt.whole {
				t.Errorf("Whole is %v", f.Whole())
			}
			want := []string{"a"}
			if tt.whole {
				want = append(want, "cu")
			}
			if got := f.Values("email"); !slices.Equal(got, want) {
				t.Errorf("values %q, want %q", got, want)
			}
			if rest, err := io.ReadAll(r.Body); string(rest) != body || err != nil {
				t.Errorf("the body came back with %d of %d bytes, %v", len(rest), len(body), err)
			}
		})
	}
}

type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// Whatever a body does while it is read, it does again for the handler.
func TestTheBodyComesBackAsItWas(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		body func() io.Reader
	}{
		{name: "byte by byte", body: func() io.Reader { return iotest.OneByteReader(strings.NewReader("email=a&x=y")) }},
		{name: "the end with the data", body: func() io.Reader { return iotest.DataErrReader(strings.NewReader("email=a")) }},
		{name: "an error at once", body: func() io.Reader { return iotest.ErrReader(broken) }},
		{name: "an error after data", body: func() io.Reader { return io.MultiReader(strings.NewReader("email=a"), iotest.ErrReader(broken)) }},
		{name: "an error beyond the limit", body: func() io.Reader {
			return io.MultiReader(bytes.NewReader(make([]byte, formfield.Max+7)), iotest.ErrReader(broken))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want, wantErr := io.ReadAll(tt.body())
			r := httptest.NewRequest("POST", "/", tt.body())
			r.Header.Set("Content-Type", urlencoded)
			formfield.Read(r)
			got, err := io.ReadAll(r.Body)
			if !bytes.Equal(got, want) || !errors.Is(err, wantErr) {
				t.Errorf("%d bytes and %v, want %d and %v", len(got), err, len(want), wantErr)
			}
			if _, again := r.Body.Read(make([]byte, 1)); !errors.Is(again, wantErr) && !errors.Is(again, io.EOF) {
				t.Errorf("and then %v", again)
			}
		})
	}
}

func TestCloseClosesTheBody(t *testing.T) {
	t.Parallel()
	body := &closing{Reader: strings.NewReader("email=a")}
	r := httptest.NewRequest("POST", "/", nil)
	r.Body = body
	formfield.Read(r)
	if err := r.Body.Close(); err != nil || !body.closed {
		t.Errorf("closed %v, %v", body.closed, err)
	}
	if n, err := r.Body.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a closed body gave %d bytes and %v", n, err)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// A function that was lent the request may parse it in any way.
func TestLend(t *testing.T) {
	t.Parallel()
	r := post(urlencoded, "q=1", "email=a&x=y")
	f := formfield.Read(r)
	for _, use := range []func(*http.Request) bool{
		func(r *http.Request) bool { return r.FormValue("email") == "a" },
		func(r *http.Request) bool {
			b, err := io.ReadAll(r.Body)
			return err == nil && string(b) == "email=a&x=y"
		},
		func(r *http.Request) bool { return r.ParseMultipartForm(1) != nil && r.Form.Get("q") == "1" },
	} {
		if !f.Lend(r, use) {
			t.Error("the request that was lent has another form")
		}
		if r.Form != nil || r.PostForm != nil || r.MultipartForm != nil {
			t.Fatal("the form stayed parsed")
		}
	}
	func() {
		defer func() { _ = recover() }()
		f.Lend(r, func(r *http.Request) bool { r.Body = nil; panic("lost") })
	}()
	if b, err := io.ReadAll(r.Body); err != nil || string(b) != "email=a&x=y" {
		t.Errorf("the body came back as %q, %v", b, err)
	}
}
