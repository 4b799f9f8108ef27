package cli

import (
	"fmt"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/internal/config"
)

// envFile reads the env file, which must be there.
func (a *app) envFile(cfg *config.Config) (*config.Env, error) {
	env, err := config.ReadEnv(cfg.EnvFile)
	if err != nil {
		return nil, err
	}
	if len(env.All()) == 0 {
		return nil, fmt.Errorf("there is no env file at %s: make an installation with %q, or name the file with --env-file",
			cfg.EnvFile, a.command(cfg, "init"))
	}
	return env, nil
}

// connect makes a client from the variables of the environment, and from the env file for what is not there. A token of
// the file never goes to a URL of the environment, which may be another server's.
func (a *app) connect() (*client.Client, error) { return a.connectWith(config.Token) }

// connectWith is connect with the token of a variable.
func (a *app) connectWith(variable string) (*client.Client, error) {
	url, token := a.variable(config.URL), a.variable(variable)
	if url != "" && token == "" {
		return nil, fmt.Errorf("%s is set and %s is not", config.URL, variable)
	}
	if url == "" {
		loaded, err := a.load()
		if err != nil {
			return nil, err
		}
		env, err := a.envFile(&loaded.Config)
		if err != nil {
			return nil, err
		}
		url = env.Get(config.URL)
		if token == "" {
			token = env.Get(variable)
		}
		if url == "" || token == "" {
			return nil, fmt.Errorf("%s has no %s or no %s: it needs an organization that was made by init or quickstart, and a server that has been started",
				loaded.Config.EnvFile, config.URL, variable)
		}
	}
	return client.New(client.Config{URL: url, Token: token})
}
