package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/atomicfile"
	"oneiro/internal/filelock"
	"oneiro/internal/option"
	quoting "oneiro/internal/quote"
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
	From                    string // builtin or a file
	Minutes                 float64
	Tests, PrintEvery       int
	Checkpoint              interval
	JSON, Quiet             bool

	given option.Values // of train.SettingsTable
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
		{Name: "from", Field: "From", Unit: "network",
			Help: "trained network to start from, which takes minutes rather than hours", Choices: []string{builtin},
			Or: "a file that oneiro train wrote", Default: "random numbers", Names: option.File},
	}.In("Files")
	trainTable = option.Table{
		{Name: "minutes", Field: "Minutes", Unit: "minutes", Help: "take so many minutes in all",
			Zero: "takes all steps", Range: option.AtLeast(0)},
		{Name: "test-pictures", Field: "Tests", Unit: "pictures", Help: "pictures to test the result on",
			Default: "3000, or all that are held out of --images if those are fewer",
			Range:   option.Between(1, maxTestPictures)},
		{Name: "checkpoint", Field: "Checkpoint", Unit: "time",
			Help: "write the checkpoint every so much time of work, such as 5m; with off only at a stop"},
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
		Checkpoint: saveEvery,
	}
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a small network on drawn motifs or on your own pictures",
		Long: fmt.Sprintf(`Train a network like the built-in one: a small VGG that classifies the motifs that this
program draws (see oneiro train sheet), or the pictures in the folders of --images, one folder
for each class. With --teacher it also learns the features of another network, which makes it
good for style.

With --from builtin the training starts from the built-in network and needs minutes and some
thirty pictures of each class; without it, training takes hours. It also changes these defaults:
%s.

Ctrl-C stops the training after the step in progress, and the same command resumes it. With
--minutes the learning rate falls to 0 in that time. If -o is net.safetensors, a stop writes
the network so far to net.safetensors, the checkpoint to net.checkpoint.safetensors, the
progress to net.log.jsonl and a plot of it to net.curve.png.

The same options give the same parameters, bit for bit, on any number of threads with one
instruction set and the same tiles, whether training was stopped in between or not, except with
--minutes.`, fineTuneDefaults()),
		Example: `  oneiro train -o pets.safetensors --images pets/ --from builtin --minutes 3
  oneiro dream photo.jpg --weights pets.safetensors --class cat
  oneiro train -o net.safetensors --teacher vgg19_16x.npz
  oneiro train -o net.safetensors --minutes 120`,
		Args: none,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.given = given(cmd.Flags(), train.SettingsTable)
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

// fineTuneDefaults lists the defaults that differ with --from.
func fineTuneDefaults() string {
	fine, usual := train.FineTuneSettings(), train.DefaultSettings()
	var all []string
	for name, value := range train.SettingsTable.Changed(&fine, &usual) {
		all = append(all, "--"+name+" "+value)
	}
	slices.Sort(all)
	return enumerate(all, "and")
}

func (o *trainOptions) flags(fs *pflag.FlagSet) {
	addFlags(fs, trainInputs, o)
	addFlags(fs, train.SettingsTable, o)
	addFlags(fs, trainTable, o)
	o.kernelFlags(fs)
}

// saveEvery is how often a checkpoint is written by default.
const saveEvery = interval(5 * time.Minute)

// Endings of the files beside the output, in place of its own.
const (
	trainCheckpointEnding = ".checkpoint.safetensors"
	logEnding             = ".log.jsonl"
	curveEnding           = ".curve.png"
	lockEnding            = ".lock" // while a training runs
)

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
	if err := (&output{inputs: []string{o.Teacher, o.From}}).spares(o.Output); err != nil {
		return err
	}
	endings := []string{filepath.Ext(o.Output), trainCheckpointEnding, logEnding, curveEnding, lockEnding}
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

// openStart opens the network of --from and sets the options that go with it.
func (o *trainOptions) openStart(options *train.Options) (*zoo.Params, error) {
	m := modelOptions{Model: builtin}
	if o.From != builtin {
		m = modelOptions{Weights: o.From}
	}
	net, err := m.network()
	if err != nil {
		return nil, err
	}
	if net.Name != builtin {
		return nil, &usageError{fmt.Sprintf("%s is %s: training can only start from a network like the built-in one",
			quote(o.From), net.Name), "choose --from builtin, or a file that oneiro train wrote"}
	}
	file, err := m.open()
	if err != nil {
		return nil, err
	}
	classes, err := classNames(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	for _, c := range classes {
		options.StartClasses = append(options.StartClasses, strings.Join(c.Names, ", "))
	}
	options.Start, options.StartName = file, base(o.From)
	return file, nil
}

func runTrain(ctx context.Context, o trainOptions, stdout, stderr io.Writer) error {
	if o.Quiet {
		stderr = io.Discard
	}
	if o.From != "" {
		o.Settings = train.FineTuneSettings()
		if err := train.SettingsTable.Set(&o.Settings, o.given).Err(); err != nil {
			return err
		}
	}
	if err := o.check(); err != nil {
		return err
	}
	engine, _, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	const longest = 1e6 // minutes that fit into a time.Duration
	options := train.Options{
		Source: train.Motifs{Seed: o.Seed}, Device: engine.Device, Backend: engine.Host(), Pool: engine.Pool,
		Settings: o.Settings, EventEvery: o.PrintEvery,
		Limit: time.Duration(min(o.Minutes, longest) * float64(time.Minute)),
	}
	if o.From != "" {
		file, err := o.openStart(&options)
		if err != nil {
			return err
		}
		defer file.Close()
	}
	if o.Images != "" {
		folder, err := train.OpenFolder(ctx, o.Images, o.Size, o.Seed)
		if err != nil {
			return err
		}
		printFolder(stderr, folder)
		options.Source = folder
		if o.From != "" { // there is too little time to learn what pictures look like from a few of them alone
			options.Others = train.Motifs{Seed: o.Seed}
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
	options.OnEvent, options.OnStep, options.OnProgress = s.event, s.stepped, newTaskProgress(stderr).show
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
	failure        error // of the log
}

func (s *session) run(ctx context.Context) error {
	release, err := filelock.Take(s.beside(lockEnding))
	if err != nil {
		return err
	}
	defer release()
	err = s.trainer.Resume(s.beside(trainCheckpointEnding))
	if err == nil {
		fmt.Fprintf(s.stderr, "resuming %s at step %d\n", shown(s.beside(trainCheckpointEnding)), s.trainer.Step())
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.log, err = openTrainLog(s.beside(logEnding), s.trainer.Step()); err != nil {
		return err
	}
	defer s.log.close()
	s.saved = time.Now()
	if err := s.trainer.Run(ctx); err != nil && ctx.Err() == nil {
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

// stepped saves a checkpoint now and then. It ends the training if the log could not be written.
func (s *session) stepped() error {
	if s.failure == nil && s.Checkpoint != never && time.Since(s.saved) >= time.Duration(s.Checkpoint) {
		return s.save()
	}
	return s.failure
}

// event logs and prints the progress.
func (s *session) event(e train.Event) {
	s.failure = s.log.add(e)
	if s.failure == nil && s.JSON {
		s.failure = writeLine(s.stdout, newTrainLine(e))
	}
	fmt.Fprintf(s.stderr, "step %d/%d  loss %.4f  accuracy %.1f %%", e.Step, e.Steps, e.Loss, 100*e.Accuracy)
	for _, d := range e.Teacher {
		fmt.Fprintf(s.stderr, "  %s %.3f", d.Layer, d.Value)
	}
	fmt.Fprintf(s.stderr, "  %.0f pictures/s  %.0f GFLOP/s  %s to go\n",
		e.PicturesPerSecond, e.FLOPS/1e9, roughly(e.Left))
}

// save writes a checkpoint.
func (s *session) save() error {
	s.saved = time.Now()
	return atomicfile.Write(s.beside(trainCheckpointEnding), s.trainer.Save)
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
		weights.KeyTested:   s.tested(score),
	}
	meta.Set(weights.KeyStart, base(s.From))
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
	fmt.Fprintf(s.stderr, "%s: %s, %.1f %% of %s recognised\n",
		s.Output, s.length(), 100*score.Accuracy(), s.tested(score))
	if why := s.trainer.Young(score); why != "" {
		fmt.Fprintf(s.stderr, "note: the network is too young to dream: %s; train on, or start from a trained one "+
			"with --from builtin\n", why)
	}
	for _, m := range score.Mistakes(5) {
		classes := s.trainer.Classes()
		fmt.Fprintf(s.stderr, "  %s classified as %s: %d of %d\n",
			classes[m.Class], classes[m.For], m.Count, m.Of)
	}
	return nil
}

// length says how long the training was.
func (s *session) length() string {
	steps := fmt.Sprintf("%d of %d steps", s.trainer.Step(), s.Iterations)
	if s.Minutes > 0 && s.trainer.Done() {
		steps = fmt.Sprintf("%s in %s", quoting.Count(s.trainer.Step(), "step"), roughly(s.trainer.Spent()))
	}
	return steps
}

// tested says what a score counts.
func (s *session) tested(score *train.Score) string {
	if s.Images == "" {
		return quoting.Count(score.Pictures, "new drawing")
	}
	return quoting.Count(score.Pictures, "picture") + " held out of training"
}
