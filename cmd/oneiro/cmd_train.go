package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/atomicfile"
	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/train"
	"oneiro/weights"
	"oneiro/zoo"
)

// trainOptions are the options of train.
type trainOptions struct {
	train.Settings
	engineOptions
	Output, Teacher, Images string
	Minutes                 float64
	Tests, PrintEvery       int
	JSON, Quiet             bool

	testsGiven bool
}

// trainInputs and trainTable have the options of trainOptions beside the settings and the engine's.
var (
	trainInputs = option.Table{
		{Name: "output", Field: "Output", Unit: "file", Help: "file of weights to write, .safetensors",
			Names: option.File, Endings: []string{"safetensors"}},
		{Name: "teacher", Field: "Teacher", Unit: "file",
			Help:  "file of weights of a VGG to learn from as well, no wider than the student",
			Names: option.File},
		{Name: "images", Field: "Images", Unit: "dir",
			Help:  "folder with a folder of pictures for each class, to learn from instead of drawn motifs",
			Names: option.File},
	}.In("Files")
	trainTable = option.Table{
		{Name: "minutes", Field: "Minutes", Unit: "minutes", Help: "stop after so many minutes",
			Zero: "runs to the end", Range: option.AtLeast(0)},
		{Name: "test-pictures", Field: "Tests", Unit: "pictures", Help: "pictures to test the result on",
			Default: "3000, or all that are held out of --images if they are fewer",
			Range:   option.Between(1, maxTestPictures)},
		{Name: "print-every", Field: "PrintEvery", Unit: "steps", Help: "report progress every so many steps",
			Range: option.Between(1, maxInterval)},
		{Name: "json", Field: "JSON", Help: "print the progress as lines of JSON"},
		{Name: "quiet", Field: "Quiet", Help: "print only errors, and what --json asks for"},
	}.In("Progress")
)

// maxTestPictures is the largest number of pictures that a network is tested on.
const maxTestPictures = 1_000_000

func newTrain() *cobra.Command {
	o := trainOptions{
		Settings: train.DefaultSettings(), Output: "oneiro-net.safetensors", Tests: 3000, PrintEvery: 50,
	}
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a small network on drawn motifs or on your own pictures",
		Long: `Train a network like the built-in one: a small VGG that classifies the motifs that this
program draws (see oneiro train sheet), or the pictures in the folders of --images, one folder
for each class. With --teacher it also learns the features of another network, which makes it
good for style.

Training takes hours. Ctrl-C or --minutes stop it after the step in progress; the same command
resumes it. If -o is net.safetensors, a stop writes the network so far to net.safetensors, the
checkpoint to net.checkpoint.safetensors, the progress to net.log.jsonl and a plot of it to
net.curve.png.

The same options give the same parameters, bit for bit, on any number of threads with one
instruction set and the same tiles, whether training was stopped in between or not.`,
		Example: `  oneiro train -o net.safetensors --minutes 30
  oneiro train -o net.safetensors --teacher vgg19_16x.npz
  oneiro train -o pets.safetensors --images pets/ --iterations 3000
  oneiro dream --weights net.safetensors --class spiral`,
		Args: none,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.testsGiven = cmd.Flags().Changed("test-pictures")
			return runTrain(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o.flags(fs)
	addCompletions(cmd, new(modelOptions))
	cmd.AddCommand(newTrainSheet(), newTrainScore())
	return cmd
}

func (o *trainOptions) flags(fs *pflag.FlagSet) {
	addFlags(fs, trainInputs, o)
	addFlags(fs, train.SettingsTable, o)
	addFlags(fs, trainTable, o)
	o.kernelFlags(fs)
}

// saveEvery is how often a checkpoint is written.
const saveEvery = 5 * time.Minute

// Endings of the files beside the output, in place of its own.
const checkpointEnding, logEnding, curveEnding = ".checkpoint.safetensors", ".log.jsonl", ".curve.png"

// beside returns the path of a file that belongs to the output.
func (o *trainOptions) beside(ending string) string {
	return strings.TrimSuffix(o.Output, filepath.Ext(o.Output)) + ending
}

// check checks, before any work is done, what the packages below do not.
func (o *trainOptions) check() error {
	if filepath.Ext(o.Output) != ".safetensors" {
		return &usageError{"output: " + quote(o.Output) + " is not a .safetensors file",
			"end the name in .safetensors"}
	}
	wrong := append(train.SettingsTable.Check(&o.Settings), trainTable.Check(o)...)
	if err := wrong.Err(); err != nil {
		return err
	}
	if err := (&output{inputs: []string{o.Teacher}}).spares(o.Output); err != nil {
		return err
	}
	endings := []string{filepath.Ext(o.Output), checkpointEnding, logEnding, curveEnding}
	for _, ending := range endings {
		if err := atomicfile.Check(o.beside(ending)); err != nil {
			return err
		}
	}
	return nil
}

// openTeacher opens the weights of the teacher, whose network is recognised from them.
func openTeacher(path string) (*zoo.Params, *nn.Network, error) {
	m := modelOptions{Weights: path}
	net, err := m.network()
	if is[*zoo.UnknownError](err) {
		return nil, nil, &usageError{err.Error(), "use a VGG; oneiro weights --help lists files"}
	}
	if err != nil {
		return nil, nil, err
	}
	file, err := m.open()
	return file, net, err
}

func runTrain(ctx context.Context, o trainOptions, stdout, stderr io.Writer) error {
	if o.Quiet {
		stderr = io.Discard
	}
	if err := o.check(); err != nil {
		return err
	}
	engine, _, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	options := train.Options{
		Source: train.Motifs{Seed: o.Seed}, Device: engine.Device, Backend: engine.Host(), Pool: engine.Pool,
		Settings: o.Settings, EventEvery: o.PrintEvery,
	}
	if o.Images != "" {
		folder, err := train.OpenFolder(o.Images, o.Size, o.Seed)
		if err != nil {
			return err
		}
		options.Source = folder
		if !o.testsGiven {
			o.Tests = min(o.Tests, folder.TestPictures())
		}
	}
	if o.Teacher != "" {
		file, net, err := openTeacher(o.Teacher)
		if err != nil {
			return err
		}
		defer file.Close()
		options.Teacher, options.TeacherParams = net, file
	}
	s := &session{trainOptions: o, stdout: stdout, stderr: stderr}
	options.OnEvent, options.OnProgress = s.event, newTaskProgress(stderr).show
	if s.trainer, err = train.New(ctx, options); is[*train.TeacherError](err) {
		return fmt.Errorf("%s: %w", o.Teacher, err)
	} else if err != nil {
		return err
	}
	defer s.trainer.Close()
	return s.run(ctx)
}

// session is the part of a training that one run of the program does.
type session struct {
	trainOptions
	stdout, stderr io.Writer
	trainer        *train.Trainer
	log            *trainLog
	saved          time.Time
	failure        error // of the log or a checkpoint
	stop           context.CancelFunc
}

func (s *session) run(ctx context.Context) error {
	err := s.trainer.Resume(s.beside(checkpointEnding))
	if err == nil {
		fmt.Fprintf(s.stderr, "resuming %s at step %d\n", shown(s.beside(checkpointEnding)), s.trainer.Step())
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.log, err = openTrainLog(s.beside(logEnding), s.trainer.Step()); err != nil {
		return err
	}
	defer s.log.close()
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.Minutes > 0 {
		var end context.CancelFunc
		const longest = 1e6 // minutes that fit into a time.Duration
		limit := time.Duration(min(s.Minutes, longest) * float64(time.Minute))
		running, end = context.WithTimeout(running, limit)
		defer end()
	}
	s.saved, s.stop = time.Now(), cancel
	err = s.trainer.Run(running)
	if s.failure != nil {
		return s.failure
	}
	if err != nil && running.Err() == nil {
		return err
	}
	// The checkpoint comes first, before anything else can go wrong.
	if err := s.save(); err != nil {
		return err
	}
	if err := s.finish(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return ctx.Err()
}

// event logs, saves and prints the progress.
func (s *session) event(e train.Event) {
	err := s.log.add(e)
	if err == nil && s.JSON {
		err = writeLine(s.stdout, newTrainLine(e))
	}
	if err == nil && time.Since(s.saved) > saveEvery {
		err = s.save()
	}
	if err != nil {
		s.failure = err
		s.stop()
	}
	left := float64(e.Steps-e.Step) * float64(s.Batch) / e.PicturesPerSecond // seconds
	fmt.Fprintf(s.stderr, "step %d/%d  loss %.4f  accuracy %.1f %%", e.Step, e.Steps, e.Loss, 100*e.Accuracy)
	for _, d := range e.Teacher {
		fmt.Fprintf(s.stderr, "  %s %.3f", d.Layer, d.Value)
	}
	fmt.Fprintf(s.stderr, "  %.0f pictures/s  %.0f GFLOP/s  %s to go\n",
		e.PicturesPerSecond, e.FLOPS/1e9, roughly(time.Duration(left*float64(time.Second))))
}

// save writes a checkpoint.
func (s *session) save() error {
	s.saved = time.Now()
	return atomicfile.Write(s.beside(checkpointEnding), s.trainer.Save)
}

// finish tests the network and writes it.
func (s *session) finish(ctx context.Context) error {
	score, err := s.trainer.Score(ctx, s.Tests)
	if err != nil {
		return err
	}
	params, err := s.trainer.Result(ctx)
	if err != nil {
		return err
	}
	net := s.trainer.Network()
	outputs, err := zoo.Sources(net, params, true)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(s.Settings)
	if err != nil {
		return err
	}
	meta := weights.Metadata{
		weights.KeyNetwork:  net.Name,
		weights.KeyTraining: string(settings),
		weights.KeySteps:    fmt.Sprint(s.trainer.Step()),
		weights.KeyAccuracy: fmt.Sprintf("%.4f", score.Accuracy()),
	}
	meta.SetClasses(s.trainer.Classes())
	if s.Teacher != "" {
		meta[weights.KeyTeacher] = filepath.Base(s.Teacher)
	}
	write := func(w io.Writer) error { return weights.WriteSafetensors(w, meta, outputs) }
	if err := atomicfile.Write(s.Output, write); err != nil {
		return err
	}
	if err := s.log.finish(score, s.trainer.Step(), s.trainer.Classes()); err != nil {
		return err
	}
	if err := s.log.curve(s.beside(curveEnding)); err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "%s: %d of %d steps, %.1f %% of %d new pictures recognised\n",
		s.Output, s.trainer.Step(), s.Iterations, 100*score.Accuracy(), score.Pictures)
	for _, m := range score.Mistakes(5) {
		classes := s.trainer.Classes()
		fmt.Fprintf(s.stderr, "  %s classified as %s: %d of %d\n",
			classes[m.Class], classes[m.For], m.Count, m.Of)
	}
	return nil
}
