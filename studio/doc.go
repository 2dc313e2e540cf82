// Package studio is the web page: a folder of pictures, a queue of jobs, and the HTTP server between them and a
// browser. Each job is a child process of the program with a command line that a person could type, in the
// folder; so the page can do nothing that the command line cannot, memory goes back to the system after each
// job, and a crash takes nothing with it. What the command line can answer, such as what a picture was made of
// or how long a job takes, the studio asks it, too. What the program looks like is data (Config): the package
// imports neither networks nor runs.
//
// # The folder
//
//	in/       pictures and films that were dropped; a name is changed if it is taken, and the same bytes are kept
//	          once; folders of pictures that the person put there are films, too
//	masks/    label pictures
//	out/      results, and beside them checkpoints, and the frames of films that are not whole yet
//	weights/  files or folders of weights that the person put there
//	trash/    what was thrown away, by the folder it was in
//	.studio/  the journal of the queue, previews, curves, small copies, first frames of films
//
// All files are named by paths in the folder, with slashes, and opened through os.Root.
//
// # The queue
//
// One job runs at a time. A job is stopped with SIGTERM, upon which the program saves the picture so far and a
// checkpoint, and goes on by `oneiro resume`; a film goes on after its last frame, by --resume. Every change
// is a line of the journal before anyone is told. When the server ends, however it does, the running job ends
// with a checkpoint (it gets SIGTERM, on Linux also from the system; elsewhere its next report fails), and is
// the next one when the folder is opened again.
//
// # What is answered
//
// JSON, unless another kind is said. Errors are {error, hint, option} with a status of 4xx or 5xx; option is
// the option or the input that the error is about. What is sent is JSON with its media type. A FILE is a path
// in the folder.
//
//	GET    /                          the page; /?t=TOKEN gives the cookie that everything else needs
//	GET    /web/...                   what the page is made of
//	GET    /api/about                 {version, folder, commands, weights, presets, bookmarks, upload_limit}
//	PUT    /api/uploads?name=N&kind=K a picture (K: in, init, palette, mask) or a film (clip) -> 201 {file,
//	                                  sha256, width, height, bytes, made, film}; 200 if its bytes are there
//	GET    /api/files?folder=F        {files: [{file, width, height, bytes, modified}]}
//	                                  (F: in, masks, out, weights); ?folder=in&clips lists films
//	GET    /files/FILE                the bytes; ?download=1 to save them; ?format=png|jpeg|tiff converts
//	GET    /thumb/FILE?size=N         a JPEG of at most N pixels a side (64, 128, 256, 512, 768); of a film its
//	                                  first frame
//	GET    /api/gallery               {pictures: [...]}, newest first
//	POST   /api/trash {file}          {file}: where it is now; /api/trash/undo {file} takes it back
//	GET    /api/recipe?file=F         what `oneiro recipe --json --find` prints
//	POST   /api/check SPEC            {line, errors: [{option, message, hint}], plan: {seconds, peak_bytes,
//	                                  width, height, steps}}; ?plan=no answers at once, without the plan
//	POST   /api/jobs SPEC             201 JOB
//	GET    /api/jobs                  {jobs: [JOB], free}: running, waiting in order, the others newest first;
//	                                  the bytes that the disk has left, where the system says
//	GET    /api/jobs/ID               JOB with its curve, which lists and events lack for one that has ended
//	POST   /api/jobs/ID/DO            DO: stop, cancel, resume, duplicate, top
//	PATCH  /api/jobs/ID {after: ID}   its place among those that wait; null is the first
//	DELETE /api/jobs/ID               forgets a job that does not run; its picture stays
//	GET    /api/jobs/ID/preview.jpg   the picture so far
//	POST   /api/vary SPEC+{seeds, weights}  201 {sheet, jobs}: a job for each seed and weight of the style
//	POST   /api/larger {file, size}   201 JOB that makes a picture again
//	POST   /api/regions {file, count} 201 {file, regions}: a proposal in masks
//	POST   /api/recolor {file, content, colors, strength, palette}  a JPEG, small, at once
//	POST   /api/score {file, content, style}  what `oneiro score --json` prints
//	GET    /api/layers?weights=FILE   {network, layers: [{name, kind, channels}]}
//	GET    /api/classes?weights=FILE  {classes: [{class, names}]}
//	GET    /api/bookmarks?weights=FILE {network, words}
//	GET    /api/atlas?weights=FILE&layer=L  {state, job, file, columns, rows, tile, channels}; POST makes it
//	GET    /api/events                the stream of events
//
// A SPEC is {command, inputs: {role: FILE or [FILE...]}, options: {name: text}}. A JOB is a Job.
//
// # Events
//
// One stream for all pages. Each event has an id; who comes back with Last-Event-ID gets what he has missed.
//
//	hello    {}            the stream begins
//	reset    {}            something was missed for good: everything has to be asked for again
//	job      JOB           it is new, or its state has changed
//	gone     {id}          it was forgotten
//	order    {order}       jobs that wait were moved
//	step     {id, step, steps, loss, terms, seconds, eta, memory}
//	preview  {id, v}       there is a new preview, number v
//	gallery  {}            out has changed
//	files    {folder}      in or masks has changed
//
// Of all but job, gone and files only the last of each job is kept: a slow client loses steps, and nothing
// else.
//
// # Who may ask
//
// The server listens on loopback unless told otherwise. It answers only if it is asked for by a name of this
// machine, at its own port (a page of somebody else whose name leads here asks by another name); if the request
// has the cookie, which anyone who opens the printed link gets; and, unless it only reads, if it comes from its
// own page (http.CrossOriginProtection). The page may load nothing from elsewhere and run no script that stands
// in the markup. Pictures are limited in bytes, pixels and the memory that decoding takes, before they are
// decoded.
package studio
