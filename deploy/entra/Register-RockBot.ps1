<#
.SYNOPSIS
Registers the app that people sign in to RockBot with, in an Entra tenant, and gives the consent it needs.
.DESCRIPTION
The same as register.sh, call by call, for PowerShell 7. Run it as often as you like: it looks first, changes only what is missing, and
removes nothing. Sign in first:
  Connect-MgGraph -Scopes Application.ReadWrite.All, DelegatedPermissionGrant.ReadWrite.All, User.Read.All -TenantId <tenant id>
(module Microsoft.Graph.Authentication), or give an access token of Microsoft Graph with -AccessToken.
The ConfigMap of the agent goes to the output, everything else to the console. Exit codes: 0 done, 1 failed or deviations, 2 usage,
69 Graph out of reach, 77 not signed in or not allowed.
.PARAMETER User
Consent for these people only (user names or object ids). This or -AllUsers is needed, except with -Verify.
.PARAMETER AllUsers
Consent for everybody in the tenant, without being asked.
.PARAMETER Server
Also these servers of the Agent 365 catalogue, such as mcp_MailTools; "all" for all.
.PARAMETER DryRun
Look, and print each call that would change something, but make none of those.
.PARAMETER Verify
Look, name each deviation with its repair, and end with 1 if there is any.
.EXAMPLE
./Register-RockBot.ps1 -User adele@contoso.com | Set-Content deploy/k8s/overlays/prod/workiq.yaml
#>
#Requires -Version 7.2
[CmdletBinding()]
param(
    [string[]] $User = @(),
    [switch] $AllUsers,
    [string] $Name = 'RockBot',
    [string] $AppId = '',
    [string[]] $Server = @(),
    [string] $Tenant = '',
    [string] $Graph = 'https://graph.microsoft.com',
    [switch] $DryRun,
    [switch] $Verify,
    [securestring] $AccessToken
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$workIq = 'fdcc1f02-fc51-4226-8753-f668596af7f7'
$agent365 = 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1'
$microsoftGraph = '00000003-0000-0000-c000-000000000000'
# As MSAL's loopback listener names itself; Entra ignores the port, but neither host nor path.
$redirect = 'http://localhost'

# Servers of the catalogue and the permission that each one wants.
$catalogue = [ordered]@{
    mcp_MailTools = 'Mail'
    mcp_CalendarTools = 'Calendar'
    mcp_TeamsServer = 'Teams'
    mcp_MeServer = 'Me'
    mcp_M365Copilot = 'CopilotMCP'
    mcp_WordServer = 'Word'
    mcp_ExcelServer = 'Excel'
    mcp_PowerPointServer = 'PowerPoint'
    mcp_ODSPRemoteServer = 'OneDriveSharepoint'
    mcp_OneDriveRemoteServer = 'OneDrive'
    mcp_SharePointRemoteServer = 'SharePoint'
    mcp_SharePointListsTools = 'SharepointLists'
    mcp_DataverseServer = 'Dataverse'
    mcp_KnowledgeTools = 'Knowledge'
    mcp_AdminTools = 'M365Admin'
}

function Stop-Run([int] $Code, [string] $Message) {
    [Console]::Error.WriteLine($Message)
    exit $Code
}
function Write-Progress-Line([string] $Message) { [Console]::Error.WriteLine($Message) }

$idPattern = '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$'
if ($DryRun -and $Verify) { Stop-Run 2 '-DryRun and -Verify exclude each other: -Verify changes nothing anyway.' }
if ($AllUsers -and $User.Count -gt 0) { Stop-Run 2 '-User and -AllUsers exclude each other.' }
if (-not $Verify -and -not $AllUsers -and $User.Count -eq 0) {
    Stop-Run 2 'Say whom the app gets consent for: -User <name> for one person (or several), or -AllUsers for everybody in the tenant, who then are not asked. A user is enough for an agent that works with one account.'
}
foreach ($one in $User) {
    if ($one -notmatch "^[A-Za-z0-9.!#^~'_@-]+$") { Stop-Run 2 "-User ${one}: give a user name (adele@contoso.com) or an object id." }
}
# It becomes part of addresses.
if ($Name -notmatch '^[A-Za-z0-9][A-Za-z0-9 ._()-]{0,100}$') { Stop-Run 2 '-Name takes letters, digits, spaces and ._()- only.' }
if ($AppId -and $AppId -notmatch $idPattern) { Stop-Run 2 "-AppId ${AppId}: give an application (client) id." }
if ($Tenant -and $Tenant -notmatch $idPattern) { Stop-Run 2 "-Tenant ${Tenant}: give the id of the tenant." }
if ($Server -contains 'all') { $Server = @($catalogue.Keys) }
foreach ($one in $Server) {
    if (-not $catalogue.Contains($one)) { Stop-Run 2 "-Server $one is not in the catalogue. It has: $($catalogue.Keys -join ' ')" }
}
$Graph = $Graph.TrimEnd('/')
$register = -not $DryRun -and -not $Verify
$changes = 0
$deviations = [System.Collections.Generic.List[string]]::new()
$again = 'run this script without -Verify'

# What a run repairs by itself it need not tell; the rest is for people.
function Add-Deviation([string] $What, [string] $Repair) {
    if ($Verify) { $deviations.Add("DEVIATION $What`n  repair: $Repair") }
    elseif (-not $Repair.StartsWith($again)) { Write-Progress-Line "Note: $What Repair: $Repair" }
}

# What Graph said, in plain words, with what to do about it; ends the script.
function Stop-WithCause([string] $What, $Failure) {
    $said = "$($Failure.Status) $($Failure.Text)"
    if ($Failure.Status -eq 401 -or $said -match 'Authentication needed|Connect-MgGraph|InvalidAuthenticationToken') {
        Stop-Run 77 "You are not signed in, or no longer. Run: Connect-MgGraph -Scopes Application.ReadWrite.All, DelegatedPermissionGrant.ReadWrite.All, User.Read.All$(if ($Tenant) { " -TenantId $Tenant" })"
    }
    if ($Failure.Status -eq 403) {
        Stop-Run 77 "Not allowed: $What. The account that you signed in with needs the role Cloud Application Administrator, or Global Administrator where the tenant has never used Work IQ. What was done before stays; run this again with such an account."
    }
    if ($Failure.Status -eq 0 -or $Failure.Status -eq 429 -or $Failure.Status -ge 500) {
        Stop-Run 69 "Microsoft Graph cannot be reached or is busy: $What. Run this again; it goes on where it stopped."
    }
    Stop-Run 1 "It did not work: $What. Graph says: $said"
}

# One call; returns the answer, or an object with Failed. -Fresh says that it needs something that was made a moment ago, which Entra's
# other servers may not know yet.
function Invoke-Graph([string] $Method, [string] $Path, $Body, [switch] $Fresh) {
    $uri = "$Graph/v1.0$Path"
    $json = if ($null -ne $Body) { ConvertTo-Json -InputObject $Body -Depth 10 -Compress } else { $null }
    if ($DryRun) {
        Write-Host "$Method $uri$(if ($json) { " $json" })"
        if ($Method -ne 'GET') { return $null }
    }
    for ($attempt = 1; ; $attempt++) {
        try {
            $call = @{ Method = $Method; Uri = $uri }
            if ($json) { $call.Body = $json; $call.ContentType = 'application/json' }
            $answer = if ($AccessToken) { Invoke-RestMethod @call -Authentication Bearer -Token $AccessToken -AllowUnencryptedAuthentication:($Graph -match '^http://(127\.0\.0\.1|localhost)[:/]') }
            else { Invoke-MgGraphRequest @call -OutputType PSObject }
            if ($Method -ne 'GET') { $script:changes++ }
            return $answer
        }
        catch {
            $response = Get-Member-Of $_.Exception 'Response'
            $failure = [pscustomobject]@{
                Failed = $true
                Status = if ($response) { [int] $response.StatusCode } else { 0 }
                Text = "$($_.ErrorDetails) $($_.Exception.Message)"
            }
            $isPassing = $failure.Status -eq 429 -or ($Fresh -and $failure.Text -match 'ResourceNotFound|does not exist|NoBackingApplicationObject|valid application object')
            if (-not $isPassing -or $attempt -ge 6) { return $failure }
            Start-Sleep -Seconds ($attempt * $attempt)
        }
    }
}
function Test-Failed($Answer) { $null -ne $Answer -and $null -ne $Answer.PSObject.Properties['Failed'] }

function Read-Graph([string] $What, [string] $Path) {
    $answer = Invoke-Graph GET $Path
    if (Test-Failed $answer) { Stop-WithCause $What $answer }
    return $answer
}
function Write-Graph([string] $What, [string] $Method, [string] $Path, $Body, [switch] $Fresh) {
    if ($register) { Write-Progress-Line $What }
    $answer = Invoke-Graph $Method $Path $Body -Fresh:$Fresh
    if (Test-Failed $answer) { Stop-WithCause $What $answer }
    return $answer
}
# Members that Graph leaves out are empty.
function Get-Member-Of($Object, [string] $Member) {
    $property = if ($null -ne $Object) { $Object.PSObject.Properties[$Member] }
    if ($null -eq $property -or $null -eq $property.Value) { return @() }
    return $property.Value
}

# --- The tenant

$organization = @((Read-Graph 'read the tenant' '/organization').value)
if ($organization.Count -eq 0) { Stop-Run 1 'Microsoft Graph names no tenant. Sign in to one: Connect-MgGraph -TenantId <tenant id>' }
$tenantId = $organization[0].id
if ($Tenant -and $Tenant -ne $tenantId) {
    Stop-Run 77 "You are signed in to the tenant $tenantId, not to $Tenant. Run: Connect-MgGraph -TenantId $Tenant"
}

# --- What is asked for

$wanted = [ordered]@{}
$wanted[$microsoftGraph] = @{ Label = 'Microsoft Graph'; Scopes = @('offline_access', 'openid', 'profile') }
if ($Server.Count -gt 0) {
    $wanted[$agent365] = @{ Label = 'Agent 365 Tools'; Scopes = @($Server | ForEach-Object { "McpServers.$($catalogue[$_]).All" } | Sort-Object -Unique) }
}
$wanted[$workIq] = @{ Label = 'Work IQ'; Scopes = @('WorkIQAgent.Ask') }

# --- Service principals of the resources, and the ids of their permissions in this tenant

function Read-ServicePrincipal([string] $What, [string] $ApplicationId) {
    @((Read-Graph $What "/servicePrincipals?`$filter=appId%20eq%20'$ApplicationId'").value) | Select-Object -First 1
}

foreach ($resource in $wanted.Keys) {
    $entry = $wanted[$resource]
    $label = $entry.Label
    $principal = Read-ServicePrincipal "look for the service principal of $resource" $resource
    if (-not $principal -and -not $Verify) {
        $what = "Create the service principal of $label ($resource)"
        if ($register) { Write-Progress-Line $what }
        $made = Invoke-Graph POST '/servicePrincipals' @{ appId = $resource }
        if (Test-Failed $made) {
            if ($made.Status -in 400, 404) {
                Stop-Run 1 "$label is not offered to this tenant: Microsoft does not let its service principal be created. That is so while the tenant has neither a Microsoft 365 Copilot licence nor Work IQ with usage-based billing; get one of them, wait half an hour, and run this again."
            }
            Stop-WithCause $what $made
        }
        if ($register) {
            foreach ($pause in 0, 2, 4, 8, 16) {
                Start-Sleep -Seconds $pause
                $principal = Read-ServicePrincipal "look for the service principal of $resource" $resource
                if ($principal) { break }
            }
            if (-not $principal) { Stop-Run 69 "$label was made known to this tenant, but cannot be read yet. Run this again in some minutes; it goes on where it stopped." }
        }
    }
    if (-not $principal) {
        Add-Deviation "The service principal of $label ($resource) is missing, so nobody can sign in (AADSTS650052)." "$again, or: az ad sp create --id $resource"
        $entry.Principal = "<id of $label>"
        $entry.Ids = @($entry.Scopes | ForEach-Object { "<id-of-$_>" })
        continue
    }
    $entry.Principal = $principal.id
    if ($principal.accountEnabled -eq $false) {
        Add-Deviation "$label is switched off in this tenant." "Entra admin center › Enterprise applications › $label › Properties › Enabled for users to sign-in"
    }
    $entry.Ids = @(foreach ($permission in $entry.Scopes) {
            $scope = @(Get-Member-Of $principal 'oauth2PermissionScopes') | Where-Object value -EQ $permission | Select-Object -First 1
            if (-not $scope) {
                Stop-Run 1 "$label offers no permission `"$permission`" in this tenant. Microsoft may have renamed it: look at Entra admin center › App registrations › API permissions › APIs my organization uses › $label."
            }
            $scope.id
        })
}

# --- The app registration

$path = if ($AppId) { "/applications?`$filter=appId%20eq%20'$AppId'" } else { "/applications?`$filter=displayName%20eq%20'$($Name.Replace(' ', '%20'))'" }
$found = @((Read-Graph 'look for the app registration' $path).value)
if ($found.Count -gt 1) {
    Stop-Run 1 "There are several app registrations named `"$Name`": $($found.appId -join ' '). Say which with -AppId."
}

# Permissions as "resource id type"; $wantedAccess is what is needed.
$wantedAccess = @(foreach ($resource in $wanted.Keys) { foreach ($id in $wanted[$resource].Ids) { "$resource $id Scope" } })
function Format-Access([string[]] $Lines) {
    @($Lines | Sort-Object -Unique | Group-Object { $_.Split(' ')[0] } | ForEach-Object {
            @{ resourceAppId = $_.Name; resourceAccess = @($_.Group | ForEach-Object { @{ id = $_.Split(' ')[1]; type = $_.Split(' ')[2] } }) }
        })
}

if ($found.Count -eq 0) {
    if ($Verify) {
        $said = if ($AppId) { "with the id $AppId" } else { "named `"$Name`"" }
        Add-Deviation "There is no app registration $said in the tenant $tenantId." $again
        $deviations | Write-Output
        exit 1
    }
    if ($AppId) { Stop-Run 1 "There is no app registration with the id $AppId in the tenant $tenantId." }
    $made = Write-Graph "Create the app registration `"$Name`"" POST '/applications' ([ordered]@{
            displayName = $Name
            signInAudience = 'AzureADMyOrg'
            isFallbackPublicClient = $true
            publicClient = @{ redirectUris = @($redirect) }
            requiredResourceAccess = @(Format-Access $wantedAccess)
        })
    $clientId = if ($DryRun) { '<application id>' } else { $made.appId }
}
else {
    $app = $found[0]
    $clientId = $app.appId
    $change = [ordered]@{}
    $audience = $app.signInAudience
    if ($audience -ne 'AzureADMyOrg') {
        Add-Deviation "The app takes accounts of other tenants, too (signInAudience is $audience)." $again
        $change.signInAudience = 'AzureADMyOrg'
    }
    if ($app.isFallbackPublicClient -ne $true) {
        Add-Deviation 'The app is no public client, so device codes and refreshing fail (AADSTS7000218).' $again
        $change.isFallbackPublicClient = $true
    }
    $redirects = @(Get-Member-Of (Get-Member-Of $app 'publicClient') 'redirectUris')
    if ($redirects -cnotcontains $redirect) {
        Add-Deviation "The redirect address $redirect (mobile and desktop) is missing, so the sign-in in a browser fails (AADSTS50011)." $again
        $change.publicClient = @{ redirectUris = @($redirects) + $redirect }
    }
    $access = @(foreach ($entry in @(Get-Member-Of $app 'requiredResourceAccess')) { foreach ($one in $entry.resourceAccess) { "$($entry.resourceAppId) $($one.id) $($one.type)" } })
    $missing = @($wantedAccess | Where-Object { $access -notcontains $_ })
    foreach ($line in $missing) {
        $entry = $wanted[$line.Split(' ')[0]]
        $permission = $entry.Scopes[[array]::IndexOf($entry.Ids, $line.Split(' ')[1])]
        Add-Deviation "The app does not ask for $permission." $again
    }
    if ($missing.Count -gt 0) { $change.requiredResourceAccess = @(Format-Access ($access + $missing)) }
    # More than is needed is for people to remove: somebody may have put it there for a reason.
    $inPortal = "Entra admin center › App registrations › $Name ›"
    foreach ($uri in $redirects) {
        if ($uri -cne $redirect) { Add-Deviation "There is another redirect address, $uri, where sign-ins could be sent to." "$inPortal Authentication: remove it, unless something else uses it" }
    }
    foreach ($uri in @(Get-Member-Of (Get-Member-Of $app 'web') 'redirectUris')) { Add-Deviation "There is a redirect address for web apps, $uri." "$inPortal Authentication: remove it; RockBot is no web app" }
    foreach ($uri in @(Get-Member-Of (Get-Member-Of $app 'spa') 'redirectUris')) { Add-Deviation "There is a redirect address for single-page apps, $uri, which limits sign-ins to 24 hours." "$inPortal Authentication: remove it" }
    if (@(Get-Member-Of $app 'passwordCredentials').Count + @(Get-Member-Of $app 'keyCredentials').Count -gt 0) { Add-Deviation 'The app has a secret or certificate, which a public client does not need.' "$inPortal Certificates & secrets: remove it" }
    foreach ($line in @($access | Where-Object { $wantedAccess -notcontains $_ })) {
        $resource, $id, $type = $line.Split(' ')
        $kind = if ($type -eq 'Role') { 'an application permission, without any user,' } else { 'a delegated permission' }
        Add-Deviation "The app asks for $kind that RockBot does not need: $id of the resource $resource." "$inPortal API permissions: remove it (or name the server with -Server)"
    }
    if (-not $Verify -and $change.Count -gt 0) {
        [void] (Write-Graph "Correct the app registration ($clientId)" PATCH "/applications/$($app.id)" $change)
    }
}

# --- Its service principal in the tenant, which consent is given to

$client = ''
if (-not $clientId.StartsWith('<')) {
    $principal = Read-ServicePrincipal 'look for the service principal of the app' $clientId
    if ($principal) {
        $client = $principal.id
        if ($principal.accountEnabled -eq $false) {
            Add-Deviation 'The app is switched off for sign-ins in this tenant.' "Entra admin center › Enterprise applications › $Name › Properties › Enabled for users to sign-in"
        }
    }
}
if (-not $client) {
    Add-Deviation 'The app has no service principal in this tenant, so it has no consent either.' $again
    if (-not $Verify) {
        $made = Write-Graph 'Create the service principal of the app' POST '/servicePrincipals' @{ appId = $clientId; tags = @('WindowsAzureActiveDirectoryIntegratedApp') } -Fresh
        $client = if ($DryRun) { '<id of its service principal>' } else { $made.id }
    }
}

# --- Consent: one grant for each resource, for everybody or for each person

$principals = @(foreach ($one in $User) {
        $answer = Invoke-Graph GET "/users/$($one.Replace('#', '%23').Replace("'", '%27'))?`$select=id"
        if (Test-Failed $answer) {
            if ($answer.Status -eq 404) { Stop-Run 1 "There is no user `"$one`" in the tenant $tenantId." }
            Stop-WithCause "look for the user $one" $answer
        }
        $answer.id
    })
$grants = @()
if ($client -and -not $client.StartsWith('<')) {
    $grants = @((Read-Graph 'read the consent' "/oauth2PermissionGrants?`$filter=clientId%20eq%20'$client'").value)
}
function Split-Scopes([string] $Text) { @($Text.Split(' ', [StringSplitOptions]::RemoveEmptyEntries)) }

# Makes sure that one grant covers what a resource is wanted for.
function Confirm-Grant($Entry, [string] $Kind, [string] $Who) {
    $grant = $grants | Where-Object { $_.consentType -eq $Kind -and "$($_.principalId)" -eq $Who -and $_.resourceId -eq $Entry.Principal } | Select-Object -First 1
    $granted = if ($grant) { Split-Scopes $grant.scope } else { @() }
    $lacking = @($Entry.Scopes | Where-Object { $granted -cnotcontains $_ })
    if ($lacking.Count -eq 0) { return }
    $forWhom = if ($Kind -eq 'AllPrincipals') { 'everybody' } else { "the user $Who" }
    if (-not $grant) {
        $body = [ordered]@{ clientId = $client; consentType = $Kind; resourceId = $Entry.Principal; scope = $Entry.Scopes -join ' ' }
        if ($Who) { $body.principalId = $Who }
        [void] (Write-Graph "Consent for $forWhom to $($lacking -join ' ')" POST '/oauth2PermissionGrants' $body -Fresh)
    }
    else {
        [void] (Write-Graph "Consent for $forWhom also to $($lacking -join ' ')" PATCH "/oauth2PermissionGrants/$($grant.id)" @{ scope = (@($granted) + $lacking) -join ' ' })
    }
}
# Whether what is granted to everybody, and to this person, is enough.
function Test-Consent($Entry, [string] $Who) {
    $granted = @($grants | Where-Object { $_.resourceId -eq $Entry.Principal -and ($_.consentType -eq 'AllPrincipals' -or $Who -eq 'any' -or ($Who -and $_.principalId -eq $Who)) } | ForEach-Object { Split-Scopes $_.scope })
    $lacking = @($Entry.Scopes | Where-Object { $granted -cnotcontains $_ })
    $forWhom = if (-not $Who) { 'everybody' } elseif ($Who -eq 'any') { 'anybody' } else { "the user $Who" }
    $list = ($lacking | ForEach-Object { " $_" }) -join ''
    if ($lacking.Count -gt 0) { Add-Deviation "There is no consent for $forWhom to$list (AADSTS65001)." $again }
}

foreach ($resource in $wanted.Keys) {
    $entry = $wanted[$resource]
    if ($Verify) {
        if ($AllUsers) { Test-Consent $entry '' }
        elseif ($principals.Count -eq 0) { Test-Consent $entry 'any' }
        else { foreach ($id in $principals) { Test-Consent $entry $id } }
    }
    elseif ($AllUsers) { Confirm-Grant $entry 'AllPrincipals' '' }
    else { foreach ($id in $principals) { Confirm-Grant $entry 'Principal' $id } }
}
foreach ($grant in $grants) {
    $whom = if ($grant.consentType -eq 'AllPrincipals') { 'everybody' } else { "the user $($grant.principalId)" }
    $remove = "if it is not meant: az rest --method DELETE --url $Graph/v1.0/oauth2PermissionGrants/$($grant.id)"
    $entry = $wanted.Values | Where-Object { $_.Principal -eq $grant.resourceId } | Select-Object -First 1
    $scopes = $grant.scope
    $extra = @(Split-Scopes $scopes | Where-Object { -not $entry -or $entry.Scopes -cnotcontains $_ })
    $sp = $grant.resourceId
    if ($extra.Count -gt 0) { Add-Deviation "There is consent for $whom to more than RockBot needs: $($extra -join ' ') (service principal $sp)." $remove }
    $names = ($User | ForEach-Object { " $_" }) -join ''
    if ($User.Count -gt 0 -and $grant.consentType -eq 'AllPrincipals') { Add-Deviation "There is consent for everybody, not only for${names}: $scopes." $remove }
}

# --- What came of it

if ($Verify) {
    if ($deviations.Count -gt 0) {
        $deviations | Write-Output
        exit 1
    }
    Write-Output "The app registration $clientId in the tenant $tenantId is as RockBot needs it."
    exit 0
}
if ($DryRun) {
    Write-Progress-Line 'Calls with GET were made, the others were not; nothing has changed.'
    exit 0
}
if ($changes -gt 0) { Write-Progress-Line "Done: $changes changes. Consent can take some minutes to be known everywhere." }
else { Write-Progress-Line 'Nothing had to be changed.' }

$settings = [ordered]@{ WorkIQ__TenantId = $tenantId; WorkIQ__ClientId = $clientId }
# One person was named, so the agent need not take the first one who comes.
if ($principals.Count -eq 1) { $settings.WorkIQ__ExpectedAccount = $principals[0] }
if ($Server.Count -gt 0) {
    $settings.Auth__Profiles__agent365__Scopes = "$agent365/.default"
    $settings.Auth__Profiles__agent365__AllowedOrigins = 'https://agent365.svc.cloud.microsoft'
}
Write-Output '# Printed by deploy/entra/Register-RockBot.ps1. The same as lines of an environment:'
foreach ($setting in $settings.GetEnumerator()) { Write-Output "#   $($setting.Key)=$($setting.Value)" }
Write-Output 'apiVersion: v1', 'kind: ConfigMap', 'metadata:', '  name: rockbot-workiq', 'data:'
foreach ($setting in $settings.GetEnumerator()) { Write-Output "  $($setting.Key): $($setting.Value)" }
exit 0
