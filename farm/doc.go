// Package farm makes pictures and films on many machines. A queue on NATS JetStream holds recipes; workers run
// the program oneiro on them, each job in a folder of its own, and put what comes out back.
//
// # What lies where
//
// All names begin with that of the farm, so that several can share a server.
//
//	NAME-work         stream   a message for each job that waits or runs: its subject is all there is to it,
//	                           NAME.work.PRIORITY.CLASS.ID; it goes away when the job has ended
//	NAME-items        KV       by ID, an Item: what a job is to do. Never changes: the ID is its hash
//	NAME-jobs         KV       by ID, a Job: how far it has come, what came out, and what went wrong
//	NAME-sets         KV       by ID.NUMBER, part of a Set: jobs that were submitted together, with their outputs
//	NAME-workers      KV       by name, a Worker; forgotten if it is not renewed
//	NAME-farm         KV       "config", a Config
//	NAME-files        objects  by SHA-256: inputs, weights, results
//	NAME-checkpoints  objects  by ID/SHA-256: what a job needs to go on elsewhere; "ID" lists it
//
// # How a job stays whole
//
// A message is taken by one worker at a time, which says every third of a lease that it is alive. If it does
// not, another one gets the message, and goes on from the last checkpoint. Every write of a Job names the
// revision that it replaces. A worker whose write is refused has lost its job, to somebody who cancelled it or
// to a worker that was faster, and drops it. So a result is recorded once, however often it was computed. Files
// are named by their hashes: writing one twice changes nothing.
//
// A message without a Job in state Waiting or Running is out of date, and removed. A job whose message is
// missing, because its submission was interrupted, waits until it is submitted again or retried. There
// cannot be two messages of one job: the stream refuses a second message of the same subject.
//
// What goes wrong is counted in the Job, not by the stream: handing a job back on SIGTERM is no failure.
// Mistakes that every worker would make (a wrong option, a picture that cannot be read) end a job at once,
// others after Config.Tries.
//
// # Sameness
//
// A recipe says which kernels and which table of tiles it is computed with; any machine can use any table.
// CLASS is the kernels or the GPU. A worker takes jobs of the classes that its machine has. It has to have the
// version of the program that the job was submitted with. The result has to name the same engine as the recipe,
// or is refused.
package farm
