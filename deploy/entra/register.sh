#!/bin/sh
# Registers the app that people sign in to RockBot with, in the Entra tenant that `az` is signed in to, and gives the consent it needs.
# Run it as often as you like: it looks first, changes only what is missing, and removes nothing. docs/entra.md tells more.
set -eu

usage() {
  cat <<'END'
Usage: register.sh (--user <name> … | --all-users) [options] > deploy/k8s/overlays/prod/workiq.yaml
       register.sh --verify [options]

Whose Microsoft 365 data the app may reach after they signed in; one of the two is needed:
  --user <name>      this person only (user name or object id); may be given several times
  --all-users        everybody in the tenant, without being asked

  --name <text>      name of the app registration (RockBot)
  --app-id <id>      an app registration that is there, whatever its name
  --server <name>    also a server of the Agent 365 catalogue, such as mcp_MailTools; may be given several times, "all" for all
  --tenant <id>      stop unless az is signed in to this tenant
  --graph <url>      address of Microsoft Graph, for national clouds (https://graph.microsoft.com)
  --dry-run          look, and print each call that would change something, but make none of those
  --verify           look, name each deviation with its repair, and end with 1 if there is any

Exit codes: 0 done, 1 failed or deviations, 2 usage, 69 az or Graph out of reach, 77 not signed in or not allowed.
END
}

work_iq=fdcc1f02-fc51-4226-8753-f668596af7f7
agent_365=ea9ffc3e-8a23-4a7d-836d-234d7c7565c1
microsoft_graph=00000003-0000-0000-c000-000000000000
# As MSAL's loopback listener names itself; Entra ignores the port, but neither host nor path.
redirect=http://localhost

# Servers of the catalogue and the permission that each one wants.
catalogue='mcp_MailTools Mail
mcp_CalendarTools Calendar
mcp_TeamsServer Teams
mcp_MeServer Me
mcp_M365Copilot CopilotMCP
mcp_WordServer Word
mcp_ExcelServer Excel
mcp_PowerPointServer PowerPoint
mcp_ODSPRemoteServer OneDriveSharepoint
mcp_OneDriveRemoteServer OneDrive
mcp_SharePointRemoteServer SharePoint
mcp_SharePointListsTools SharepointLists
mcp_DataverseServer Dataverse
mcp_KnowledgeTools Knowledge
mcp_AdminTools M365Admin'

name=RockBot
app_filter=''
users=''
all_users=false
servers=''
tenant=''
graph_url=https://graph.microsoft.com
mode=register

fail() { # exit code, message
  printf '%s\n' "$2" >&2
  exit "$1"
}

is_id() { printf '%s' "$1" | grep -Eqi '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'; }

while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --all-users) all_users=true ;;
    --dry-run | --verify)
      [ "$mode" = register ] || fail 2 '--dry-run and --verify exclude each other: --verify changes nothing anyway.'
      mode=${1#--}
      ;;
    --user | --name | --app-id | --server | --tenant | --graph)
      [ -n "${2:-}" ] || fail 2 "$1 needs a value. See register.sh --help."
      case $1 in
        --user)
          printf '%s' "$2" | grep -Eq "^[A-Za-z0-9.!#^~'_@-]+\$" || fail 2 "--user $2: give a user name (adele@contoso.com) or an object id."
          users="$users $2"
          ;;
        --name)
          # It becomes part of addresses and of JSON.
          printf '%s' "$2" | grep -Eq '^[A-Za-z0-9][A-Za-z0-9 ._()-]{0,100}$' || fail 2 '--name takes letters, digits, spaces and ._()- only.'
          name=$2
          ;;
        --app-id) is_id "$2" || fail 2 "--app-id $2: give an application (client) id."; app_filter=$2 ;;
        --server)
          if [ "$2" = all ]; then servers=$(printf '%s\n' "$catalogue" | cut -d ' ' -f 1)
          else
            printf '%s\n' "$catalogue" | cut -d ' ' -f 1 | grep -qxF -e "$2" || fail 2 "--server $2 is not in the catalogue. It has: $(printf '%s\n' "$catalogue" | cut -d ' ' -f 1 | tr '\n' ' ')"
            servers="$servers $2"
          fi
          ;;
        --tenant)
          is_id "$2" || fail 2 "--tenant $2: give the id of the tenant."
          tenant=$(printf '%s' "$2" | tr A-F a-f) # as Graph writes it
          ;;
        --graph)
          # az sends a token there.
          printf '%s' "$2" | grep -Eq '^https://[A-Za-z0-9.-]+/?$' || fail 2 "--graph $2: give the address of Microsoft Graph, https:// and a host alone."
          graph_url=${2%/}
          ;;
      esac
      shift
      ;;
    *) fail 2 "$1 is no option. See register.sh --help." ;;
  esac
  shift
done
if [ "$all_users" = true ] && [ -n "$users" ]; then fail 2 '--user and --all-users exclude each other.'; fi
if [ "$mode" != verify ] && [ "$all_users" = false ] && [ -z "$users" ]; then
  fail 2 'Say whom the app gets consent for: --user <name> for one person (may be repeated), or --all-users for everybody in the tenant, who then are not asked. A user is enough for an agent that works with one account.'
fi
command -v az >/dev/null 2>&1 || fail 69 'The Azure CLI (az) is not there. Install it, or use Register-RockBot.ps1.'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
: >"$work/changes"
: >"$work/deviations"
# Calls of a dry run are the result, also where a function's output is taken by its caller.
exec 3>&1

say() { printf '%s\n' "$*" >&2; }

# What az said, in plain words, with what to do about it; ends the script.
explain() { # what was tried
  said=$(cat "$work/error")
  case $said in
    *"az login"* | *"az account set"* | *InvalidAuthenticationToken* | *"Unauthorized("*)
      fail 77 "az is not signed in, or no longer. Run: az login --allow-no-subscriptions --tenant ${tenant:-<tenant id>}" ;;
    *Authorization_RequestDenied* | *"Insufficient privileges"* | *"Forbidden("*)
      fail 77 "Not allowed: $1. The account that az is signed in with needs the role Cloud Application Administrator, or Global Administrator where the tenant has never used Work IQ. What was done before stays; run this again with such an account." ;;
    *"Too Many Requests"* | *"Service Unavailable"* | *"Gateway"* | *"Internal Server Error"* | *"Connection"* | *"Max retries"* | *"timed out"*)
      fail 69 "Microsoft Graph cannot be reached or is busy: $1. Run this again; it goes on where it stopped." ;;
    *) fail 1 "It did not work: $1. az says: $(printf '%s' "$said" | head -c 600)" ;;
  esac
}

# One call of Microsoft Graph; prints what the query finds, by line. `fresh` as the last argument says that the call needs something that
# was made a moment ago, which Entra's other servers may not know yet.
graph() { # what for, method, path, query, body, fresh
  if [ "$mode" = dry-run ]; then
    printf '%s %s%s%s\n' "$2" "$graph_url/v1.0" "$3" "${5:+ $5}" >&3
    if [ "$2" != GET ]; then return 0; fi
  fi
  attempt=1
  while :; do
    if [ "$2" = GET ]; then
      if az rest --method "$2" --url "$graph_url/v1.0$3" --query "$4" --output tsv --only-show-errors 2>"$work/error"; then return 0; fi
    else
      if az rest --method "$2" --url "$graph_url/v1.0$3" --body "$5" --query "$4" --output tsv --only-show-errors 2>"$work/error"; then
        echo "$1" >>"$work/changes"
        return 0
      fi
    fi
    [ "$attempt" -lt 6 ] || break
    case $(cat "$work/error") in
      *"Too Many Requests"*) ;;
      *ResourceNotFound* | *"does not exist"* | *NoBackingApplicationObject* | *"valid application object"*) [ "${6:-}" = fresh ] || break ;;
      *) break ;;
    esac
    sleep $((attempt * attempt))
    attempt=$((attempt + 1))
  done
  return 1
}

read_graph() { # what for, path, query
  graph "$1" GET "$2" "$3" || explain "$1"
}

write_graph() { # what for, method, path, query, body, fresh
  if [ "$mode" = register ]; then say "$1"; fi
  graph "$@" || explain "$1"
}

again='run this script without --verify'

# What a run repairs by itself it need not tell; the rest is for people.
deviation() { # what is wrong, repair
  case $mode:$2 in
    verify:*) printf 'DEVIATION %s\n  repair: %s\n' "$1" "$2" >>"$work/deviations" ;;
    *:"$again"*) ;;
    *) say "Note: $1 Repair: $2" ;;
  esac
}

# --- The tenant

tenant_id=$(read_graph 'read the tenant' '/organization' 'value[0].id')
[ -n "$tenant_id" ] || fail 1 'Microsoft Graph names no tenant. Sign in to one: az login --allow-no-subscriptions --tenant <tenant id>'
if [ -n "$tenant" ] && [ "$tenant" != "$tenant_id" ]; then
  fail 77 "az is signed in to the tenant $tenant_id, not to $tenant. Run: az login --allow-no-subscriptions --tenant $tenant"
fi

# --- What is asked for: one line "resource label permission" for each delegated permission

permissions() {
  echo "$work_iq Work-IQ WorkIQAgent.Ask"
  for server in $servers; do
    printf '%s\n' "$catalogue" | sed -n "s/^$server \\(.*\\)/$agent_365 Agent-365-Tools McpServers.\\1.All/p"
  done
  # Of the sign-in itself: without these Entra would ask each person, or their administrator, once more.
  for scope in offline_access openid profile; do echo "$microsoft_graph Microsoft-Graph $scope"; done
}
permissions | sort -u >"$work/permissions"
resources=$(cut -d ' ' -f 1 "$work/permissions" | sort -u)

# --- Service principals of the resources, and the ids of their permissions in this tenant

sp_query="value[].join('|', [id, to_string(accountEnabled), join(' ', (oauth2PermissionScopes || \`[]\`)[].join('=', [value, id]))])"

read_resource() { # resource
  read_graph "look for the service principal of $1" "/servicePrincipals?\$filter=appId%20eq%20'$1'" "$sp_query" >"$work/resource"
}

: >"$work/wanted" # resource permission-id permission
for resource in $resources; do
  label=$(grep "^$resource " "$work/permissions" | head -n 1 | cut -d ' ' -f 2 | tr - ' ')
  read_resource "$resource"
  if [ ! -s "$work/resource" ] && [ "$mode" != verify ]; then
    what="Create the service principal of $label ($resource)"
    if [ "$mode" = register ]; then say "$what"; fi
    if ! graph "$what" POST /servicePrincipals id "{\"appId\":\"$resource\"}" >/dev/null; then
      case $(cat "$work/error") in
        *"Bad Request"* | *NotFound* | *NoBackingApplicationObject* | *"valid application object"*)
          fail 1 "$label is not offered to this tenant: Microsoft does not let its service principal be created. That is so while the tenant has neither a Microsoft 365 Copilot licence nor Work IQ with usage-based billing; get one of them, wait half an hour, and run this again." ;;
        *) explain "$what" ;;
      esac
    fi
    if [ "$mode" = register ]; then
      read_resource "$resource"
      # It was made a moment ago; its permissions may take another.
      for pause in 2 4 8 16; do
        [ -s "$work/resource" ] && break
        sleep "$pause"
        read_resource "$resource"
      done
      [ -s "$work/resource" ] || fail 69 "$label was made known to this tenant, but cannot be read yet. Run this again in some minutes; it goes on where it stopped."
    fi
  fi
  if [ ! -s "$work/resource" ]; then
    deviation "The service principal of $label ($resource) is missing, so nobody can sign in (AADSTS650052)." "$again, or: az ad sp create --id $resource"
    echo "<id of $label>" >"$work/sp.$resource"
    sed -n "s/^$resource [^ ]* \\(.*\\)/$resource <id-of-\\1> \\1/p" "$work/permissions" >>"$work/wanted"
    continue
  fi
  IFS='|' read -r sp enabled scopes <"$work/resource"
  echo "$sp" >"$work/sp.$resource"
  [ "$enabled" != false ] || deviation "$label is switched off in this tenant." "Entra admin center › Enterprise applications › $label › Properties › Enabled for users to sign-in"
  grep "^$resource " "$work/permissions" >"$work/resource.permissions"
  while read -r _ _ permission; do
    id=$(printf '%s\n' "$scopes" | tr ' ' '\n' | sed -n "s/^$permission=//p")
    [ -n "$id" ] || fail 1 "$label offers no permission \"$permission\" in this tenant. Microsoft may have renamed it: look at Entra admin center › App registrations › API permissions › APIs my organization uses › $label."
    echo "$resource $id $permission" >>"$work/wanted"
  done <"$work/resource.permissions"
done

# --- The app registration

app_query="value[].join('|', [id, appId, signInAudience || '', to_string(isFallbackPublicClient), join(' ', publicClient.redirectUris || \`[]\`), join(' ', web.redirectUris || \`[]\`), join(' ', spa.redirectUris || \`[]\`), to_string(length(passwordCredentials || \`[]\`)), to_string(length(keyCredentials || \`[]\`)), join(' ', (requiredResourceAccess || \`[]\`)[].join(':', [resourceAppId, join(',', resourceAccess[].join('=', [id, type]))]))])"
if [ -n "$app_filter" ]; then app_path="/applications?\$filter=appId%20eq%20'$app_filter'"
else app_path="/applications?\$filter=displayName%20eq%20'$(printf '%s' "$name" | sed 's/ /%20/g')'"; fi
read_graph 'look for the app registration' "$app_path" "$app_query" >"$work/app"

if [ "$(wc -l <"$work/app")" -gt 1 ]; then
  fail 1 "There are several app registrations named \"$name\": $(cut -d '|' -f 2 "$work/app" | tr '\n' ' '). Say which with --app-id."
fi

# JSON of the permissions in the lines "resource id type" of a file.
access_json() { # file
  sort -u "$1" | awk '
    $1 != resource { if (NR > 1) printf "]},"; printf "{\"resourceAppId\":\"%s\",\"resourceAccess\":[", $1; resource = $1; first = 1 }
    { printf "%s{\"id\":\"%s\",\"type\":\"%s\"}", first ? "" : ",", $2, $3; first = 0 }
    END { if (NR > 0) printf "]}" }
    BEGIN { printf "[" }'
  printf ']'
}

sed 's/^\([^ ]*\) \([^ ]*\) .*/\1 \2 Scope/' "$work/wanted" >"$work/access.wanted"
public_client="\"signInAudience\":\"AzureADMyOrg\",\"isFallbackPublicClient\":true"

if [ ! -s "$work/app" ]; then
  if [ "$mode" = verify ]; then
    if [ -n "$app_filter" ]; then said="with the id $app_filter"; else said="named \"$name\""; fi
    deviation "There is no app registration $said in the tenant $tenant_id." "$again"
    cat "$work/deviations"
    exit 1
  fi
  [ -z "$app_filter" ] || fail 1 "There is no app registration with the id $app_filter in the tenant $tenant_id."
  write_graph "Create the app registration \"$name\"" POST /applications "join('|', [id, appId])" \
    "{\"displayName\":\"$name\",$public_client,\"publicClient\":{\"redirectUris\":[\"$redirect\"]},\"requiredResourceAccess\":$(access_json "$work/access.wanted")}" >"$work/made"
  if [ "$mode" = dry-run ]; then app='<id of the app>' client_id='<application id>'
  else IFS='|' read -r app client_id <"$work/made"; fi
else
  IFS='|' read -r app client_id audience fallback redirects web spa passwords keys access <"$work/app"
  change=''
  if [ "$audience" != AzureADMyOrg ]; then
    deviation "The app takes accounts of other tenants, too (signInAudience is $audience)." "$again"
    change="$change,\"signInAudience\":\"AzureADMyOrg\""
  fi
  if [ "$fallback" != true ]; then
    deviation 'The app is no public client, so device codes and refreshing fail (AADSTS7000218).' "$again"
    change="$change,\"isFallbackPublicClient\":true"
  fi
  case " $redirects " in
    *" $redirect "*) ;;
    *)
      deviation "The redirect address $redirect (mobile and desktop) is missing, so the sign-in in a browser fails (AADSTS50011)." "$again"
      change="$change,\"publicClient\":{\"redirectUris\":[$(for uri in $redirects $redirect; do printf '"%s",' "$uri"; done | sed 's/,$//')]}"
      ;;
  esac
  for entry in $access; do
    for pair in $(printf '%s' "${entry#*:}" | tr ',' ' '); do echo "${entry%%:*} ${pair%%=*} ${pair#*=}"; done
  done | sort -u >"$work/access"
  sort -u "$work/access.wanted" | comm -23 - "$work/access" >"$work/access.missing"
  if [ -s "$work/access.missing" ]; then
    while read -r resource id _; do
      permission=$(sed -n "s/^$resource $id //p" "$work/wanted")
      deviation "The app does not ask for $permission." "$again"
    done <"$work/access.missing"
    cat "$work/access" "$work/access.missing" >"$work/access.all"
    change="$change,\"requiredResourceAccess\":$(access_json "$work/access.all")"
  fi
  # More than is needed is for people to remove: somebody may have put it there for a reason.
  in_portal="Entra admin center › App registrations › $name ›"
  for uri in $redirects; do
    [ "$uri" = "$redirect" ] || deviation "There is another redirect address, $uri, where sign-ins could be sent to." "$in_portal Authentication: remove it, unless something else uses it"
  done
  for uri in $web; do deviation "There is a redirect address for web apps, $uri." "$in_portal Authentication: remove it; RockBot is no web app"; done
  for uri in $spa; do deviation "There is a redirect address for single-page apps, $uri, which limits sign-ins to 24 hours." "$in_portal Authentication: remove it"; done
  if [ "$passwords" != 0 ] || [ "$keys" != 0 ]; then deviation 'The app has a secret or certificate, which a public client does not need.' "$in_portal Certificates & secrets: remove it"; fi
  sort -u "$work/access.wanted" | comm -13 - "$work/access" >"$work/access.extra"
  while read -r resource id type; do
    if [ "$type" = Role ]; then kind='an application permission, without any user,'; else kind='a delegated permission'; fi
    deviation "The app asks for $kind that RockBot does not need: $id of the resource $resource." "$in_portal API permissions: remove it (or name the server with --server)"
  done <"$work/access.extra"
  if [ "$mode" != verify ] && [ -n "$change" ]; then
    write_graph "Correct the app registration ($client_id)" PATCH "/applications/$app" id "{${change#,}}"
  fi
fi

# --- Its service principal in the tenant, which consent is given to

client=''
if [ "${client_id#<}" = "$client_id" ]; then
  read_graph "look for the service principal of the app" "/servicePrincipals?\$filter=appId%20eq%20'$client_id'" "$sp_query" >"$work/client"
  if [ -s "$work/client" ]; then
    IFS='|' read -r client enabled _ <"$work/client"
    [ "$enabled" != false ] || deviation 'The app is switched off for sign-ins in this tenant.' "Entra admin center › Enterprise applications › $name › Properties › Enabled for users to sign-in"
  fi
fi
if [ -z "$client" ]; then
  deviation 'The app has no service principal in this tenant, so it has no consent either.' "$again"
  if [ "$mode" != verify ]; then
    client=$(write_graph 'Create the service principal of the app' POST /servicePrincipals id "{\"appId\":\"$client_id\",\"tags\":[\"WindowsAzureActiveDirectoryIntegratedApp\"]}" fresh)
    if [ "$mode" = dry-run ]; then client='<id of its service principal>'; fi
  fi
fi

# --- Consent: one grant for each resource, for everybody or for each person

principals=''
for user in $users; do
  id=$(graph "look for the user $user" GET "/users/$(printf '%s' "$user" | sed "s/#/%23/g; s/'/%27/g")?\$select=id" id '') || case $(cat "$work/error") in
    *ResourceNotFound*) fail 1 "There is no user \"$user\" in the tenant $tenant_id." ;;
    *) explain "look for the user $user" ;;
  esac
  principals="$principals $id"
done

: >"$work/grants"
if [ -n "$client" ] && [ "${client#<}" = "$client" ]; then
  read_graph 'read the consent' "/oauth2PermissionGrants?\$filter=clientId%20eq%20'$client'" \
    "value[].join('|', [id, consentType, principalId || '-', resourceId, scope || ''])" >"$work/grants"
fi

missing_scopes() { # granted, wanted
  for scope in $2; do case " $1 " in *" $scope "*) ;; *) printf ' %s' "$scope" ;; esac; done
}

# Makes sure that one grant covers what a resource is wanted for.
grant() { # resource, scopes, AllPrincipals or Principal, principal or -
  sp=$(cat "$work/sp.$1")
  line=$(awk -F '|' -v kind="$3" -v who="$4" -v sp="$sp" '$2 == kind && $3 == who && $4 == sp { print; exit }' "$work/grants")
  granted=$(printf '%s' "$line" | cut -d '|' -f 5)
  lacking=$(missing_scopes "$granted" "$2")
  if [ -z "$lacking" ]; then return 0; fi
  if [ "$3" = AllPrincipals ]; then for_whom=everybody; principal=''; else for_whom="the user $4" principal="\"principalId\":\"$4\","; fi
  if [ -z "$line" ]; then
    write_graph "Consent for $for_whom to$lacking" POST /oauth2PermissionGrants id \
      "{\"clientId\":\"$client\",\"consentType\":\"$3\",$principal\"resourceId\":\"$sp\",\"scope\":\"$2\"}" fresh >/dev/null
  else
    write_graph "Consent for $for_whom also to$lacking" PATCH "/oauth2PermissionGrants/${line%%|*}" id \
      "{\"scope\":\"$(printf '%s' "$granted$lacking" | sed 's/^ *//')\"}"
  fi
}

# Whether what is granted to everybody, and to this person, is enough.
check_consent() { # resource, scopes, principal or -
  granted=$(awk -F '|' -v who="$3" -v sp="$(cat "$work/sp.$1")" '$4 == sp && ($2 == "AllPrincipals" || $3 == who || who == "any") { printf "%s ", $5 }' "$work/grants")
  lacking=$(missing_scopes "$granted" "$2")
  case $3 in -) for_whom=everybody ;; any) for_whom=anybody ;; *) for_whom="the user $3" ;; esac
  [ -z "$lacking" ] || deviation "There is no consent for $for_whom to$lacking (AADSTS65001)." "$again"
}

wanted_scopes() { awk -v resource="$1" '$1 == resource { printf "%s%s", separator, $3; separator = " " }' "$work/wanted"; }

for resource in $resources; do
  scopes=$(wanted_scopes "$resource")
  if [ "$mode" = verify ]; then
    if [ "$all_users" = true ]; then check_consent "$resource" "$scopes" -
    elif [ -z "$principals" ]; then check_consent "$resource" "$scopes" any
    else for id in $principals; do check_consent "$resource" "$scopes" "$id"; done; fi
  elif [ "$all_users" = true ]; then grant "$resource" "$scopes" AllPrincipals -
  else for id in $principals; do grant "$resource" "$scopes" Principal "$id"; done; fi
done

while IFS='|' read -r id kind principal sp scopes; do
  [ "$kind" = AllPrincipals ] && whom=everybody || whom="the user $principal"
  remove="if it is not meant: az rest --method DELETE --url $graph_url/v1.0/oauth2PermissionGrants/$id"
  known=''
  for resource in $resources; do [ "$(cat "$work/sp.$resource")" = "$sp" ] && known=$resource; done
  extra=$scopes
  if [ -n "$known" ]; then extra=$(missing_scopes "$(wanted_scopes "$known")" "$scopes"); fi
  extra=${extra# }
  [ -z "$extra" ] || deviation "There is consent for $whom to more than RockBot needs: $extra (service principal $sp)." "$remove"
  if [ -n "$users" ] && [ "$kind" = AllPrincipals ]; then deviation "There is consent for everybody, not only for$users: $scopes." "$remove"; fi
done <"$work/grants"

# --- What came of it

if [ "$mode" = verify ]; then
  if [ -s "$work/deviations" ]; then
    cat "$work/deviations"
    exit 1
  fi
  echo "The app registration $client_id in the tenant $tenant_id is as RockBot needs it."
  exit 0
fi
if [ "$mode" = dry-run ]; then
  say 'Calls with GET were made, the others were not; nothing has changed.'
  exit 0
fi
if [ -s "$work/changes" ]; then say "Done: $(wc -l <"$work/changes" | tr -d ' ') changes. Consent can take some minutes to be known everywhere."
else say 'Nothing had to be changed.'; fi

settings() {
  echo "WorkIQ__TenantId $tenant_id"
  echo "WorkIQ__ClientId $client_id"
  # One person was named, so the agent need not take the first one who comes.
  # shellcheck disable=SC2086
  set -- $principals
  [ $# -ne 1 ] || echo "WorkIQ__ExpectedAccount $1"
  if [ -n "$servers" ]; then
    echo "Auth__Profiles__agent365__Scopes $agent_365/.default"
    echo 'Auth__Profiles__agent365__AllowedOrigins https://agent365.svc.cloud.microsoft'
  fi
}
echo "# Printed by deploy/entra/register.sh. The same as lines of an environment:"
settings | sed 's/^\([^ ]*\) \(.*\)/#   \1=\2/'
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: rockbot-workiq\ndata:\n'
settings | sed 's/^\([^ ]*\) \(.*\)/  \1: \2/'
