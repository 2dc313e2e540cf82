package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"oneiro/internal/option"
	"oneiro/studio"
)

// studioOptions are those of studio.
type studioOptions struct {
	Dir, Listen string
	Open        bool
	NewToken    bool
	Weights     []string
	Hosts       []string
	Limit, Clip byteSize
}

// defaultListen is where the page is unless another address is given, or the port is taken.
const defaultListen = "127.0.0.1:7860"

var studioTable = option.Table{
	{Name: "dir", Field: "Dir", Unit: "folder", Help: "folder of the studio, which is made if it is not there"},
	{Name: "listen", Field: "Listen", Unit: "address",
		Help: "address and port of the page; any other than this machine's own lets others in who have the link"},
	{Name: "open", Field: "Open", Help: "open the page in a browser"},
	{Name: "new-token", Field: "NewToken",
		Help: "change the key in the link: pages that are open are not let in any more"},
	{Name: "weights", Field: "Weights", Unit: "files", Names: option.File, Endings: weightsEndings,
		Help: "files or folders of weights to choose from, beside those in the folder weights of the studio"},
	{Name: "allow-host", Field: "Hosts", Unit: "names",
		Help: "names that this machine is reached by, beside localhost and its addresses"},
	{Name: "upload-limit", Field: "Limit", Unit: "amount", Help: "largest picture that may be dropped on the page"},
	{Name: "clip-limit", Field: "Clip", Unit: "amount", Help: "largest film that may be dropped on the page"},
}.In("Studio")

func newStudio() *cobra.Command {
	o := studioOptions{Dir: "oneiro-studio", Listen: defaultListen, Limit: studio.DefaultUpload,
		Clip: studio.DefaultClip}
	cmd := &cobra.Command{
		Use:   "studio",
		Short: "Open a page in the browser to work with pictures",
		Long: `Open a page where photographs and paintings are dropped, masks painted, and pictures watched while they
grow. Everything it does is a command of this program, which it shows; what is started waits in a queue,
which is there again after the program or the machine was stopped.

All files are in the folder --dir: in has the pictures and films that were dropped, out the results, masks the label
pictures; files in weights can be chosen. The page needs no network. It listens on this machine alone, and
anyone who opens it needs the link that is printed: it has a key, which stays the same for a folder.`,
		Example: `  oneiro studio --open
  oneiro studio --dir ~/Pictures/studio --weights vgg19.safetensors,googlenet/`,
		Args: cobra.NoArgs,
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	addFlags(fs, studioTable, &o)
	addCompletions(cmd, new(modelOptions))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return runStudio(cmd, o) }
	return cmd
}

func runStudio(cmd *cobra.Command, o studioOptions) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for i, file := range o.Weights {
		if !exists(file) {
			return &usageError{"there is no file of weights " + quote(file), "check the path"}
		}
		if o.Weights[i], err = filepath.Abs(file); err != nil {
			return err
		}
	}
	l, err := listen(o.Listen, cmd.Flags().Changed("listen"))
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := studio.Open(studio.Config{
		Dir: o.Dir, Program: []string{program}, Version: version(), Commands: studioCommands(),
		Presets: studioPresets(), Bookmarks: studioBookmarks(), Weights: o.Weights, Hosts: o.Hosts, MaxUpload: int64(o.Limit),
		MaxClip:  int64(o.Clip),
		NewToken: o.NewToken,
		Log:      cmd.ErrOrStderr(),
	})
	if err != nil {
		return err
	}
	defer s.Close()
	keepOnBrokenPipes()
	announceStudio(cmd.OutOrStdout(), cmd.ErrOrStderr(), s, l)
	if o.Open {
		openBrowser(cmd.ErrOrStderr(), s.Link(l))
	}
	return s.Serve(cmd.Context(), l)
}

// listen opens the address of the page. If it is taken, and was not asked for, another port will do.
func listen(address string, asked bool) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil && !asked {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, &usageError{"cannot listen on " + quote(address) + ": " + reason(err),
			"--listen takes an address and a port of this machine, such as " + defaultListen}
	}
	return l, nil
}

// reason returns the reason of an error without the address, which is named already.
func reason(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err.Error()
	}
	return err.Error()
}

// announceStudio prints the link, and what to be careful about.
func announceStudio(stdout, stderr io.Writer, s *studio.Server, l net.Listener) {
	fmt.Fprintf(stdout, "%s\n", s.Link(l))
	fmt.Fprintln(stderr, "Open this link in a browser. Keep it to yourself: it has the key to the page. Ctrl-C "+
		"ends the studio; a job that runs goes on when it starts again.")
	if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		printWarning(stderr, "the page can be reached from other machines: anyone with the link can use this one, "+
			"and the connection is not encrypted")
	}
}

// openBrowser opens a link. Nothing depends on it.
func openBrowser(stderr io.Writer, link string) {
	words := []string{"xdg-open", link}
	switch runtime.GOOS {
	case "darwin":
		words[0] = "open"
	case "windows":
		words = []string{"rundll32", "url.dll,FileProtocolHandler", link}
	}
	cmd := exec.CommandContext(context.Background(), words[0], words[1:]...)
	if err := cmd.Start(); err != nil {
		printWarning(stderr, "no browser could be opened: "+err.Error())
		return
	}
	go cmd.Wait()
}
