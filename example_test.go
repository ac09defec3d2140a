package readiness_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/launchready/readiness"
)

func Example() {
	launch, err := readiness.New(readiness.Config{
		Env: []readiness.EnvVar{
			{Name: "DATABASE_URL", Format: readiness.URL, Schemes: []string{"postgres"}, Secret: true},
			{Name: "SESSION_SECRET", Secret: true, MinLength: 32},
			{Name: "PORT", Format: readiness.Port, Optional: true},
		},
		LookupEnv: func(name string) (string, bool) { // left out, it is os.LookupEnv
			value, ok := map[string]string{"DATABASE_URL": "postgres://app:changeme@db/app", "PORT": ":8080"}[name]
			return value, ok
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	report := launch.CheckEnv()
	if err := report.Err(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// readiness: 3 blockers
	//   PORT: not a port (env.format); fix: set PORT to a whole number from 1 to 65535, such as 8080
	//   SESSION_SECRET: not set (env.missing); fix: set SESSION_SECRET to at least 32 random characters, such as the output of: openssl rand -hex 16
	//   DATABASE_URL: a placeholder for the password in the URL (env.placeholder); fix: set DATABASE_URL to a URL with the real password
}

func ExampleLoad() {
	cfg, err := readiness.Load(strings.NewReader(`{"env": [{"name": "MODE", "one_of": ["live", "test"]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg.LookupEnv = func(string) (string, bool) { return "production", true }
	launch, err := readiness.New(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := launch.CheckEnv().WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 blocker, 0 high, 0 medium (environment: 1 variable checked)
	// BLOCKER  env.one-of  MODE  none of the values that are allowed
	//          seen: "production"
	//          fix: set MODE to one of "live", "test"
}

func ExampleLoad_problems() {
	_, err := readiness.Load(strings.NewReader(`{"env": [{"name": "PORT", "formt": "port"}, {"name": "9", "min_length": -1}]}`))
	fmt.Println(err)
	// Output:
	// readiness: env[0].formt: unknown key (did you mean "format"?)
	// readiness: env[1].name: must be letters, digits and _, not beginning with a digit, got "9"
	// readiness: env[1].min_length: must not be negative, got -1
}
