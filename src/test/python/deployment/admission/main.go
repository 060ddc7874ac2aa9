// Command admission holds objects against ValidatingAdmissionPolicies with the API server's own admission plugin: selectors,
// bindings, expressions and messages are decided by the code that decides them on a cluster.
//
// Standard input: {"cluster": [objects], "requests": [objects]}, where cluster has the policies, their bindings and the
// namespaces; and "olds": [objects or null], as many as requests, where what is there already makes a request an update.
// Standard output: for each request what it was refused with, or "".
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
)

type question struct {
	Cluster  []json.RawMessage `json:"cluster"`
	Requests []json.RawMessage `json:"requests"`
	Olds     []json.RawMessage `json:"olds"`
}

func main() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "admission:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	var asked question
	if err := json.NewDecoder(in).Decode(&asked); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	plugin, err := start(ctx, asked.Cluster)
	if err != nil {
		return err
	}
	if len(asked.Olds) != 0 && len(asked.Olds) != len(asked.Requests) {
		return fmt.Errorf("%d olds for %d requests", len(asked.Olds), len(asked.Requests))
	}
	answers := make([]string, len(asked.Requests))
	for i, raw := range asked.Requests {
		var old json.RawMessage
		if len(asked.Olds) != 0 && !bytes.Equal(asked.Olds[i], []byte("null")) {
			old = asked.Olds[i]
		}
		if answers[i], err = refusal(ctx, plugin, raw, old); err != nil {
			return err
		}
	}
	return json.NewEncoder(out).Encode(answers)
}

// start gives the plugin a cluster that holds the objects, and waits until it has read them.
func start(ctx context.Context, raw []json.RawMessage) (*validating.Plugin, error) {
	var objects []runtime.Object
	for _, one := range raw {
		object, _, err := decode(one)
		if err != nil {
			return nil, err
		}
		setDefaults(object)
		objects = append(objects, object)
	}
	client := fake.NewClientset(objects...)
	shared := informers.NewSharedInformerFactory(client, 0)
	plugin := validating.NewPlugin(strings.NewReader(""))
	plugin.SetExternalKubeClientSet(client)
	plugin.SetExternalKubeInformerFactory(shared)
	plugin.SetDynamicClient(dynamicfake.NewSimpleDynamicClient(scheme.Scheme))
	plugin.SetRESTMapper(meta.NewDefaultRESTMapper(scheme.Scheme.PrioritizedVersionsAllGroups()))
	plugin.SetAuthorizer(authorizerfactory.NewAlwaysAllowAuthorizer())
	plugin.SetDrainedNotification(ctx.Done())
	if err := plugin.ValidateInitialization(); err != nil {
		return nil, err
	}
	shared.Start(ctx.Done())
	shared.WaitForCacheSync(ctx.Done())
	return plugin, nil
}

// setDefaults does what the API server does when it stores these: an absent selector selects everything.
func setDefaults(object runtime.Object) {
	switch it := object.(type) {
	case *admissionregistration.ValidatingAdmissionPolicy:
		setMatchDefaults(it.Spec.MatchConstraints)
	case *admissionregistration.ValidatingAdmissionPolicyBinding:
		setMatchDefaults(it.Spec.MatchResources)
	}
}

func setMatchDefaults(match *admissionregistration.MatchResources) {
	if match == nil {
		return
	}
	if match.NamespaceSelector == nil {
		match.NamespaceSelector = &metav1.LabelSelector{}
	}
	if match.ObjectSelector == nil {
		match.ObjectSelector = &metav1.LabelSelector{}
	}
	if match.MatchPolicy == nil {
		equivalent := admissionregistration.Equivalent
		match.MatchPolicy = &equivalent
	}
}

func decode(raw []byte) (runtime.Object, *schema.GroupVersionKind, error) {
	return scheme.Codecs.UniversalDeserializer().Decode(raw, nil, nil)
}

// decodeAny takes kinds that Kubernetes itself does not have, too.
func decodeAny(raw []byte) (runtime.Object, *schema.GroupVersionKind, error) {
	object, kind, err := decode(raw)
	if runtime.IsNotRegisteredError(err) {
		custom := &unstructured.Unstructured{}
		err = custom.UnmarshalJSON(raw)
		found := custom.GroupVersionKind()
		object, kind = custom, &found
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(raw))
	}
	return object, kind, nil
}

// refusal asks for the creation of one object, or for its update where there is an old one, in the form the API server passes on
// after defaulting.
func refusal(ctx context.Context, plugin *validating.Plugin, raw, rawOld []byte) (string, error) {
	object, kind, err := decodeAny(raw)
	if err != nil {
		return "", err
	}
	operation, old := admission.Create, runtime.Object(nil)
	if rawOld != nil {
		operation = admission.Update
		if old, _, err = decodeAny(rawOld); err != nil {
			return "", err
		}
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		return "", err
	}
	resource, _ := meta.UnsafeGuessKindToResource(*kind)
	attributes := admission.NewAttributesRecord(object, old, *kind, accessor.GetNamespace(), accessor.GetName(), resource, "",
		operation, nil, false, &user.DefaultInfo{Name: "tester"})
	refused := plugin.Validate(ctx, attributes, admission.NewObjectInterfacesFromScheme(scheme.Scheme))
	if refused == nil {
		return "", nil
	}
	return refused.Error(), nil
}
