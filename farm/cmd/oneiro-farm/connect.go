package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/farm"
	"oneiro/internal/disk"
)

// urlVariable names the farm where --url does not.
const urlVariable = "ONEIRO_FARM_URL"

// connection has the flags of commands that speak with a farm.
type connection struct{ url, name, ca, nkey, program string }

func (c *connection) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&c.url, "url", "", "`URL` of the farm, or a file that has it (default $"+urlVariable+")")
	fs.StringVar(&c.name, "farm", farm.DefaultName, "`NAME` of the farm, where a server has several")
	fs.StringVar(&c.ca, "tls-ca", "", "`FILE` with the certificate of the server or of who signed it (PEM)")
	fs.StringVar(&c.nkey, "nkey", "", "`FILE` with the seed of an NKey, for a NATS server that wants one")
}

func (c *connection) programFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.program, "program", "", "`FILE` of the program oneiro (default beside this one, or on the path)")
}

// where returns the URL of the farm.
func (c *connection) where() (string, error) {
	text := c.url
	if text == "" {
		text = os.Getenv(urlVariable)
	}
	if text == "" {
		return "", &usageError{"it is not known where the farm is",
			"pass --url, a URL or the file url of the store, or set " + urlVariable}
	}
	if !strings.Contains(text, "://") {
		data, err := os.ReadFile(text)
		if err != nil {
			return "", &usageError{"--url names neither a URL nor a file that can be read: " + farm.Where(text),
				"it looks like nats://USER:PASSWORD@HOST:PORT"}
		}
		text = strings.TrimSpace(string(data))
	}
	return text, nil
}

// open connects with the farm.
func (c *connection) open(ctx context.Context, as string) (*farm.Farm, error) {
	where, err := c.where()
	if err != nil {
		return nil, err
	}
	return farm.Connect(ctx, farm.Server{URL: where, Name: c.name, TLSCA: c.ca, NKey: c.nkey, Client: "oneiro-farm " + as})
}

// withFarm runs a command with a connection.
func (c *connection) withFarm(cmd *cobra.Command, do func(ctx context.Context, f *farm.Farm) error) error {
	f, err := c.open(cmd.Context(), cmd.Name())
	if err != nil {
		return err
	}
	defer f.Close()
	return do(cmd.Context(), f)
}

// writeLine prints a value as a line of JSON.
func writeLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// amount is a number of bytes as a flag: 300, 300MiB, 1.5GiB.
type amount int64

func (b amount) String() string {
	if b == 0 {
		return ""
	}
	return strconv.FormatInt(int64(b)>>20, 10) + "MiB"
}

// Type names the type of the flag.
func (amount) Type() string { return "amount" }

// Set reads a flag.
func (b *amount) Set(text string) error {
	factor, number := 1.0, text
	for i, unit := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n, is := strings.CutSuffix(text, unit); is {
			factor, number = float64(int64(1)<<(10*(i+1))), n
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n*factor < 1<<62) {
		return &usageError{"it must be an amount such as 300MiB or 1.5GiB", ""}
	}
	*b = amount(n * factor)
	return nil
}

// room returns how many bytes a store may have: what is asked for, if there is that much.
func room(dir string) (int64, error) { return disk.Free(dir) }
